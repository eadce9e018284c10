import { describe, expect, it } from "vitest";
import { chooseProtocol, exitFrame, failureFrame, readClientFrame } from "./exec-channels.ts";

const frame = (channel: number, text: string) => new Uint8Array([channel, ...new TextEncoder().encode(text)]);
const status = (bytes: Uint8Array) => [bytes[0], JSON.parse(new TextDecoder().decode(bytes.subarray(1)))];

describe("the protocol", () => {
	it.each([
		["v5.channel.k8s.io", "v5.channel.k8s.io"],
		["v4.channel.k8s.io, v5.channel.k8s.io", "v5.channel.k8s.io"],
		["v4.channel.k8s.io,channel.k8s.io", "v4.channel.k8s.io"],
		["", undefined],
		["channel.k8s.io, base64.channel.k8s.io", undefined],
	])("of the offer %j is %j", (offer, chosen) => {
		expect(chooseProtocol(offer)).toBe(chosen);
	});
});

describe("a client's frame", () => {
	it("on channel 0 is input, byte for byte", () => {
		expect(readClientFrame(new Uint8Array([0, 0, 255, 10]))).toEqual({ type: "stdin", bytes: new Uint8Array([0, 255, 10]) });
	});

	it("on channel 4 is the terminal's size", () => {
		expect(readClientFrame(frame(4, '{"Width":120,"Height":40}'))).toEqual({ type: "resize", columns: 120, rows: 40 });
	});

	it("on channel 255 closes stdin", () => {
		expect(readClientFrame(new Uint8Array([255, 0]))).toEqual({ type: "eof" });
	});

	it.each([
		["nothing", new Uint8Array()],
		["empty input", new Uint8Array([0])],
		["output", frame(1, "text")],
		["the end of an output", new Uint8Array([255, 1])],
		["the end of nothing", new Uint8Array([255])],
		["no JSON", frame(4, "80x24")],
		["no size", frame(4, "null")],
		["a size of zero", frame(4, '{"Width":0,"Height":24}')],
		["a size beyond any terminal", frame(4, '{"Width":80,"Height":70000}')],
		["a size in parts", frame(4, '{"Width":80.5,"Height":24}')],
	])("that says %s is ignored", (_, bytes) => {
		expect(readClientFrame(bytes)).toBeUndefined();
	});
});

describe("the last frame", () => {
	it("says that a command succeeded", () => {
		expect(status(exitFrame(0))).toEqual([3, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" }]);
	});

	it("gives kubectl the exit code to pass on", () => {
		expect(status(exitFrame(42))).toEqual([
			3,
			expect.objectContaining({
				...{ status: "Failure", reason: "NonZeroExitCode" },
				details: { causes: [{ reason: "ExitCode", message: "42" }] },
			}),
		]);
	});

	it("gives the sentence when there is none", () => {
		expect(status(failureFrame("The node is gone."))).toEqual([
			3,
			expect.objectContaining({ status: "Failure", reason: "InternalError", message: "The node is gone." }),
		]);
	});
});
