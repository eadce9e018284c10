/** Directories that no search enters: what is in them was made by tools, and there is a lot of it. */
export const SKIPPED = [".git", "node_modules", "vendor"] as const;
