/**
 * `v5.channel.k8s.io` (and v4, which cannot end stdin): what `kubectl exec` speaks over a WebSocket. A binary frame is a
 * channel's number and its data.
 */
import { STDIN } from "../../../containers/node/exec/protocol.ts";

const ERROR = 3;
const RESIZE = 4;
/** v5: the next byte is a channel that its sender closes. */
const CLOSE = 255;
/** What a terminal's size has room for. */
const MAX_SIZE = 65_535;

const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"] as const;
export type ExecProtocol = (typeof PROTOCOLS)[number];

/** The newest protocol that a `Sec-WebSocket-Protocol` header offers and klaw speaks. */
export function chooseProtocol(header: string): ExecProtocol | undefined {
	const offered = header.split(",").map((name) => name.trim());
	return PROTOCOLS.find((protocol) => offered.includes(protocol));
}

export type ClientFrame = { type: "stdin"; bytes: Uint8Array } | { type: "eof" } | { type: "resize"; columns: number; rows: number };

/** `undefined` for a frame that says nothing: an empty one, another channel, a size that is none. */
export function readClientFrame(frame: Uint8Array): ClientFrame | undefined {
	const rest = frame.subarray(1);
	switch (frame[0]) {
		case STDIN:
			return rest.byteLength === 0 ? undefined : { type: "stdin", bytes: rest };
		case RESIZE:
			return readSize(new TextDecoder().decode(rest));
		case CLOSE:
			return rest[0] === STDIN ? { type: "eof" } : undefined;
		default:
			return undefined;
	}
}

function readSize(text: string): ClientFrame | undefined {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (typeof json !== "object" || json === null || !("Width" in json) || !("Height" in json)) return undefined;
	const { Width: columns, Height: rows } = json;
	return isSize(columns) && isSize(rows) ? { type: "resize", columns, rows } : undefined;
}

function isSize(value: unknown): value is number {
	return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_SIZE;
}

/** The last word about a command, on the error channel. kubectl exits with the code. */
export function exitFrame(exitCode: number): Uint8Array<ArrayBuffer> {
	if (exitCode === 0) return statusFrame({ status: "Success" });
	return statusFrame({
		status: "Failure",
		reason: "NonZeroExitCode",
		message: `command terminated with non-zero exit code: ${exitCode}`,
		details: { causes: [{ reason: "ExitCode", message: String(exitCode) }] },
	});
}

/** The last word about a command that has no exit code. @param message a sentence */
export function failureFrame(message: string): Uint8Array<ArrayBuffer> {
	return statusFrame({ status: "Failure", reason: "InternalError", message, code: 500 });
}

function statusFrame(status: object): Uint8Array<ArrayBuffer> {
	const json = new TextEncoder().encode(JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, ...status }));
	const frame = new Uint8Array(1 + json.byteLength);
	frame[0] = ERROR;
	frame.set(json, 1);
	return frame;
}
