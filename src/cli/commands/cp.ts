import { type Command, Option } from "commander";
import { type Cli, connect } from "../cli.ts";
import { download } from "../cp/download.ts";
import { readFileSpec } from "../cp/file-spec.ts";
import { upload } from "../cp/upload.ts";
import { CliError } from "../errors.ts";

export function addCp(program: Command, cli: Cli): void {
	program
		.command("cp")
		.description("copy files and directories between this machine and a session's workspace")
		.usage("[options] SRC DST")
		.argument("[src]", "PATH, SESSION:PATH or NAMESPACE/SESSION:PATH; a session's paths are relative to its workspace")
		.argument("[dst]", "the same; one of the two is a session's")
		.addOption(new Option("-c, --container <name>").hideHelp())
		.action(async (src: string | undefined, dst: string | undefined, _: unknown, command: Command) => {
			if (src === undefined || dst === undefined) throw new CliError("source and destination are required");
			const [from, to] = [readFileSpec(src), readFileSpec(dst)];
			if (from.type === "remote" && to.type === "remote") throw new CliError("one of src or dest must be a local file specification");
			if (from.type === "local" && to.type === "local") throw new CliError("one of src or dest must be a remote file specification");
			const { client, namespace } = await connect(command, cli.io);
			if (to.type === "remote") await upload(client, cli.io, src, { namespace, ...to });
			else if (from.type === "remote") await download(client, cli.io, { namespace, ...from }, to.path);
		});
}
