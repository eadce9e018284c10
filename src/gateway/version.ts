/** klaw's version; a test holds it against `package.json`. */
export const VERSION = "0.1.0";

/**
 * The Kubernetes release whose API klaw's is a part of. Clients compare it with their own: kubectl warns when they are
 * more than one minor version apart.
 */
const KUBERNETES = { major: "1", minor: "32" };

/** What `/version` answers: Kubernetes' `version.Info`, with klaw's own version as the build of it. */
export const VERSION_INFO = {
	...KUBERNETES,
	gitVersion: `v${KUBERNETES.major}.${KUBERNETES.minor}.0+klaw.${VERSION}`,
	gitCommit: "",
	gitTreeState: "",
	buildDate: "",
	goVersion: "",
	compiler: "",
	platform: "cloudflare/workers",
};
