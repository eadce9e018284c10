/** What a Kubernetes `Status` says. `undefined` for any other text: it was not klaw that answered, but something in its place. */
export function statusMessage(body: string): string | undefined {
	try {
		const { kind, message } = JSON.parse(body);
		return kind === "Status" && typeof message === "string" ? message : undefined;
	} catch {
		return undefined;
	}
}
