import * as z from "zod";
import { nodeTool } from "./tool.ts";

/** Default and longest `timeout`, in seconds. */
export const BASH_TIMEOUT_S = 120;
export const BASH_TIMEOUT_MAX_S = 3600;

export const bash = nodeTool({
	name: "bash",
	description:
		"Run a command with bash in the workspace. Output is stdout and stderr interleaved as they came; past 30,000 characters the middle is cut and the whole is kept in a file. Each call is a new shell: directories and variables do not carry over. What you leave running in the background is there for your next calls, and is ended when you have answered or when your machine is wanted back.",
	parameters: z.object({
		command: z.string().min(1).describe("The command."),
		timeout: z
			.number()
			.int()
			.positive()
			.max(BASH_TIMEOUT_MAX_S)
			.default(BASH_TIMEOUT_S)
			.describe("Seconds until the command and everything it started is killed."),
	}),
	idempotent: false,
	timeoutMs: (args) => args.timeout * 1000,
});
