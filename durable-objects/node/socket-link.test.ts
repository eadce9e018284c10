import { expect, it } from "vitest";
import { SocketLink } from "./socket-link.ts";

/** The platform's half: an attachment, and the time of the last heartbeat that it has answered. */
function platform(heartbeatAt: number | undefined) {
	let attachment: unknown = null;
	const socket = Object.assign(new EventTarget(), {
		...{ readyState: 1, url: null, protocol: null, extensions: null, binaryType: "arraybuffer" as const },
		...{ accept: () => undefined, send: () => undefined, close: () => undefined },
		serializeAttachment: (value: unknown) => {
			attachment = structuredClone(value);
		},
		deserializeAttachment: () => attachment,
	});
	const heartbeats = { getWebSocketAutoResponseTimestamp: () => (heartbeatAt === undefined ? null : new Date(heartbeatAt)) };
	return () => new SocketLink(heartbeats, socket);
}

it("a machine is heard when it says anything, and whoever wakes later knows when", () => {
	const open = platform(2_000);
	const link = open();
	link.heard(1_000);
	expect(link.heardAt()).toBe(0);
	link.admit(3, 1_500);
	expect(open().heardAt()).toBe(2_000);
	open().heard(60_000);
	expect([open().heardAt(), open().incarnation]).toEqual([60_000, 3]);
});

it("a machine that says much is written down once a second", () => {
	const open = platform(undefined);
	open().admit(1, 1_000);
	for (const at of [2_000, 2_400, 2_999]) open().heard(at);
	expect(open().heardAt()).toBe(2_000);
	open().heard(3_000);
	expect(open().heardAt()).toBe(3_000);
});
