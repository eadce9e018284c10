import type { Description } from "./description.ts";
import { longDate } from "./fields.ts";
import type { Container, ContainerState, ContainerStatus } from "./pod-schema.ts";

/** One container of a Pod, as a part of the Pod's description. */
export function describeContainer(text: Description, container: Container, status: ContainerStatus | undefined): void {
	text.line(1, `${container.name}:`);
	if (status) text.line(2, "Container ID:", status.containerID ?? "");
	text.line(2, "Image:", container.image ?? "");
	if (status) text.line(2, "Image ID:", status.imageID ?? "");
	describePorts(text, container);
	block(text, "Command", container.command);
	block(text, "Args", container.args);
	if (status) {
		describeState(text, "State", status.state);
		if (status.lastState?.terminated) describeState(text, "Last State", status.lastState);
		text.line(2, "Ready:", status.ready ? "True" : "False");
		text.line(2, "Restart Count:", String(status.restartCount));
	}
	quantities(text, "Limits", container.resources?.limits);
	quantities(text, "Requests", container.resources?.requests);
	if (container.env?.length) {
		text.line(2, "Environment:");
		for (const { name, value } of container.env) text.line(3, `${name}:`, value ?? "");
	} else text.line(2, "Environment:", "<none>");
	if (container.volumeMounts?.length) {
		text.line(2, "Mounts:");
		for (const { mountPath, name, readOnly } of container.volumeMounts)
			text.line(3, `${mountPath} from ${name} (${readOnly ? "ro" : "rw"})`);
	} else text.line(2, "Mounts:", "<none>");
}

function describePorts(text: Description, { ports }: Container): void {
	const list = ports ?? [];
	const plural = list.length > 1 ? "s" : "";
	const shown = (port: (one: (typeof list)[number]) => number) =>
		list.map((one) => `${port(one)}/${one.protocol ?? "TCP"}`).join(", ") || "<none>";
	text.line(
		2,
		`Port${plural}:`,
		shown(({ containerPort }) => containerPort),
	);
	text.line(
		2,
		`Host Port${plural}:`,
		shown(({ hostPort }) => hostPort ?? 0),
	);
}

function block(text: Description, label: string, lines: readonly string[] | null | undefined): void {
	if (!lines?.length) return;
	text.line(2, `${label}:`);
	for (const line of lines.flatMap((one) => one.split("\n"))) text.line(3, line);
}

function quantities(text: Description, label: string, map: Readonly<Record<string, string>> | null | undefined): void {
	const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
	if (entries.length === 0) return;
	text.line(2, `${label}:`);
	for (const [resource, quantity] of entries) text.line(3, `${resource}:`, quantity);
}

function describeState(text: Description, label: string, state: ContainerState): void {
	const { running, waiting, terminated } = state ?? {};
	if (running) {
		text.line(2, `${label}:`, "Running");
		text.line(3, "Started:", date(running.startedAt));
	} else if (terminated) {
		text.line(2, `${label}:`, "Terminated");
		if (terminated.reason) text.line(3, "Reason:", terminated.reason);
		if (terminated.message) text.line(3, "Message:", terminated.message);
		text.line(3, "Exit Code:", String(terminated.exitCode));
		text.line(3, "Started:", date(terminated.startedAt));
		text.line(3, "Finished:", date(terminated.finishedAt));
	} else {
		text.line(2, `${label}:`, "Waiting");
		if (waiting?.reason) text.line(3, "Reason:", waiting.reason);
		if (waiting?.message) text.line(3, "Message:", waiting.message);
	}
}

function date(timestamp: string | null | undefined): string {
	return timestamp ? longDate(timestamp) : "<unknown>";
}
