import { homedir } from "node:os";
import { processIo } from "./io.ts";
import { run } from "./program.ts";

// A reader that has seen enough, as in `klaw get tasks | head -1`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
	if (error.code === "EPIPE") process.exit(0);
	throw error;
});

process.exitCode = await run(process.argv.slice(2), processIo(homedir()));
