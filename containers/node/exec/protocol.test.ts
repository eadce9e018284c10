import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHANNEL_OFFSET, decodeData, encodeData } from "./protocol.ts";

describe("data of a command", () => {
	it("comes out as it went in", () => {
		fc.assert(
			fc.property(fc.uuid(), fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 100 }), (id, channel, bytes) => {
				expect(decodeData(encodeData({ id, channel, bytes }))).toEqual({ id, channel, bytes });
			}),
		);
	});

	it("ends with the frame that a client of v5.channel.k8s.io reads", () => {
		const frame = encodeData({ id: "00112233-4455-6677-8899-aabbccddeeff", channel: 2, bytes: new Uint8Array([7, 8]) });
		expect([...frame]).toEqual([
			1, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 2, 7, 8,
		]);
		expect([...frame.subarray(CHANNEL_OFFSET)]).toEqual([2, 7, 8]);
	});

	it.each([[[]], [[1, 2, 3]], [[2, ...Array(17).fill(0), 1]]])("is not read from another frame: %j", (bytes) => {
		expect(decodeData(new Uint8Array(bytes))).toBeUndefined();
	});
});
