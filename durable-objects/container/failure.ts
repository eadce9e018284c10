/** A sentence without its stop. */
export const NO_CONTAINERS = "This deployment has no containers";

/**
 * Words of the platform for a start that no repetition mends. Everything else it says is worth another try: no instance is
 * free, too many starts at once, the container service is unreachable, nothing listens yet.
 *
 * From `@cloudflare/containers` (src/lib/container.ts), and from what deployments have seen.
 */
const FINAL = [
	"invalid container instance type",
	"container exceeds account limits",
	"image reference must be digest-pinned",
	/snapshot ".*" was not found/,
	// A local Docker engine.
	"no such image",
	"containers have not been enabled for this durable object class",
	NO_CONTAINERS.toLowerCase(),
];

/** Whether starting the container again changes nothing. */
export function isFinal(message: string): boolean {
	const text = message.toLowerCase();
	return FINAL.some((words) => (typeof words === "string" ? text.includes(words) : words.test(text)));
}
