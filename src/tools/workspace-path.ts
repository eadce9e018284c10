import * as z from "zod";

/** The `path` argument of every file tool. */
export const workspacePath = z.string().min(1).describe("Path relative to the workspace.");

/** File tools are local disk work; this only bounds a wedged file system. */
export const FILE_TIMEOUT_MS = 60_000;
