import { ApiError, failure } from "../status.ts";
import { flag } from "./log-options.ts";

/** Kubernetes' `PodExecOptions`. */
export interface ExecOptions {
	container?: string;
	command: string[];
	stdin: boolean;
	stdout: boolean;
	stderr: boolean;
	tty: boolean;
}

/** Bytes of a command with its arguments, as many as fit a request's URL. */
const COMMAND_BYTES = 64 * 1024;

/** @throws ApiError 400 in Kubernetes' words, where it has any */
export function execOptions(query: Pick<URLSearchParams, "get" | "getAll">): ExecOptions {
	const command = query.getAll("command");
	const tty = flag(query, "tty");
	const [stdin, stdout, stderr] = [flag(query, "stdin"), flag(query, "stdout"), flag(query, "stderr") && !tty];
	if (command.length === 0 || command[0] === "") throw bad("you must specify at least one command for the container");
	if (!stdin && !stdout && !stderr) throw bad("you must specify at least 1 of stdin, stdout, stderr");
	if (command.some((word) => word.includes("\0")))
		throw bad("The command holds a NUL character, which no program can be given. Leave it out.");
	if (command.join(" ").length > COMMAND_BYTES)
		throw bad(`The command is longer than ${COMMAND_BYTES} bytes. Send it on stdin: kubectl exec -i POD -- sh`);
	return { container: query.get("container") || undefined, command, stdin, stdout, stderr, tty };
}

function bad(message: string): ApiError {
	return new ApiError(failure("BadRequest", message));
}
