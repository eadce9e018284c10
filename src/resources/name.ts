/** Kubernetes' rules for names, labels and annotations, with Kubernetes' own words for what is wrong. */

/**
 * `label`: at most 63 characters, no dots; for names that become directories and parts of other names. `path`: whatever
 * can stand in a URL, such as `system:auth`; for RBAC.
 */
export type NameFormat = "label" | "subdomain" | "path";

const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const RULE: Record<Exclude<NameFormat, "path">, { pattern: RegExp; max: number; sentence: string }> = {
	label: {
		pattern: LABEL,
		max: 63,
		sentence:
			"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
	},
	subdomain: {
		pattern: SUBDOMAIN,
		max: 253,
		sentence:
			"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
	},
};

/** What is wrong with a name, as a clause; `undefined` when nothing is. */
export function nameProblem(format: NameFormat, name: string): string | undefined {
	if (format === "path") return pathSegmentProblem(name);
	const { pattern, max, sentence } = RULE[format];
	if (name.length > max) return `must be no more than ${max} characters`;
	return pattern.test(name) ? undefined : sentence;
}

function pathSegmentProblem(name: string): string | undefined {
	if (name === "." || name === "..") return `may not be '${name}'`;
	if (name.length > 253) return "must be no more than 253 characters";
	const forbidden = ["/", "%"].find((character) => name.includes(character));
	return forbidden === undefined ? undefined : `may not contain '${forbidden}'`;
}

const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;

/** What is wrong with a key of a ConfigMap or a Secret. */
export function configKeyProblem(key: string): string | undefined {
	if (key.length > 253) return "must be no more than 253 characters";
	if (key === "." || key === "..") return `must not be '${key}'`;
	if (CONFIG_KEY.test(key)) return key.startsWith("..") ? "must not start with '..'" : undefined;
	return "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
}

const QUALIFIED_FORM =
	"must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** What is wrong with the key of a label or annotation: an optional DNS prefix and `/`, and a name of at most 63. */
export function qualifiedNameProblem(key: string): string | undefined {
	const slash = key.indexOf("/");
	if (slash !== key.lastIndexOf("/"))
		return `a qualified name ${QUALIFIED_FORM} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`;
	const prefix = slash === -1 ? undefined : key.slice(0, slash);
	const name = key.slice(slash + 1);
	if (prefix !== undefined) {
		const problem = nameProblem("subdomain", prefix);
		if (problem) return `prefix part ${problem}`;
	}
	if (name === "") return "name part must be non-empty";
	if (name.length > 63) return "name part must be no more than 63 characters";
	if (QUALIFIED.test(name)) return undefined;
	return `name part ${QUALIFIED_FORM}`;
}

export function labelValueProblem(value: string): string | undefined {
	if (value.length > 63) return "must be no more than 63 characters";
	if (value === "" || QUALIFIED.test(value)) return undefined;
	return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
}

/** Kubernetes' alphabet for generated names: no vowels and no look-alikes, so that no word comes out. */
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const RANDOM_LENGTH = 5;
const STEM_LENGTH = 63 - RANDOM_LENGTH;

/**
 * `random` gives numbers in [0, 1).
 * @example generateName("task-", Math.random) // "task-7xk2p"
 */
export function generateName(stem: string, random: () => number): string {
	let name = stem.slice(0, STEM_LENGTH);
	for (let i = 0; i < RANDOM_LENGTH; i++) name += ALPHABET[Math.floor(random() * ALPHABET.length)];
	return name;
}
