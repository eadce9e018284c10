/** Tools that may change the files of a workspace. */
export const CHANGING: ReadonlySet<string> = new Set(["bash", "edit", "write"]);
