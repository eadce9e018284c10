/**
 * Whether klaw says that this node was deleted, and what was shown was its credential. Nothing else that refuses a machine is
 * word of that: a wrong server, to which a name may lead for a minute, says that it does not know the credential.
 */
export function saysDeleted(body: string, node: string): boolean {
	try {
		const { kind, details } = JSON.parse(body);
		const causes: unknown = details?.causes;
		return kind === "Status" && details?.name === node && Array.isArray(causes) && causes.some((cause) => cause?.reason === "NodeDeleted");
	} catch {
		return false;
	}
}

/** What a Kubernetes `Status` says. `undefined` for any other text: it was not klaw that answered, but something in its place. */
export function statusMessage(body: string): string | undefined {
	try {
		const { kind, message } = JSON.parse(body);
		return kind === "Status" && typeof message === "string" ? message : undefined;
	} catch {
		return undefined;
	}
}
