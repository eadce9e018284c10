/** Objects that Kubernetes lets a quota count by their bare plural, as far as klaw has them. */
const BARE_COUNTS = ["pods", "configmaps", "secrets", "resourcequotas"];

const COMPUTE = ["cpu", "memory", "ephemeral-storage"];

/** What `spec.hard` may name without a `/`. Everything else is written `count/PLURAL.GROUP`. */
export const STANDARD_QUOTA_RESOURCES: readonly string[] = [
	...BARE_COUNTS,
	...COMPUTE,
	...COMPUTE.map((name) => `requests.${name}`),
	...COMPUTE.map((name) => `limits.${name}`),
];

/** Whether a quota of this name counts objects, so that there are no halves of it. */
export function isCounted(name: string): boolean {
	return name.startsWith("count/") || BARE_COUNTS.includes(name);
}
