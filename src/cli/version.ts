// Put in by scripts/build.ts; absent when the sources run as they are.
declare const KLAW_VERSION: string | undefined;

/** The version of this command, as in package.json. */
export const VERSION = typeof KLAW_VERSION === "undefined" ? "0.0.0-dev" : KLAW_VERSION;
