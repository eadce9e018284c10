import { describe, expect, it } from "vitest";
import { ManualClock } from "../../test/fakes/manual-clock.ts";
import { watchCall } from "./stall.ts";

function watched(silenceMs = 1_000) {
	const clock = new ManualClock();
	const caller = new AbortController();
	return { clock, caller, watch: watchCall(caller.signal, silenceMs, clock) };
}

/** A body whose bytes a test sends by hand. */
function source() {
	let sink: ReadableStreamDefaultController<Uint8Array> | undefined;
	let cancelled = false;
	const stream = new ReadableStream<Uint8Array>({
		start(controller) {
			sink = controller;
		},
		cancel() {
			cancelled = true;
		},
	});
	return {
		stream,
		send: (text: string) => sink?.enqueue(new TextEncoder().encode(text)),
		close: () => sink?.close(),
		isCancelled: () => cancelled,
	};
}

const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

describe("a watched call", () => {
	it("is aborted when nothing comes for so long before the first byte", () => {
		const { clock, watch } = watched();
		clock.turn(999);
		expect(watch.end).toBeUndefined();
		clock.turn(1);
		expect(watch.end).toBe("stalled before the first byte");
		expect(watch.controller.signal.aborted).toBe(true);
	});

	it("lives on for as long as bytes keep coming, each with its own patience", async () => {
		const { clock, watch } = watched();
		const { stream, send } = source();
		const reader = watch.body(stream).getReader();
		for (const piece of ["a", "b", "c"]) {
			clock.turn(900);
			send(piece);
			expect(text((await reader.read()).value)).toBe(piece);
		}
		expect(watch.end).toBeUndefined();
		clock.turn(1_000);
		expect(watch.end).toBe("stalled");
	});

	it("ends a read that waits for bytes which never come, and lets the connection go", async () => {
		const { clock, watch } = watched();
		const { stream, isCancelled } = source();
		const read = watch.body(stream).getReader().read();
		const outcome = expect(read).rejects.toThrow();
		clock.turn(1_000);
		await outcome;
		expect(isCancelled()).toBe(true);
	});

	it("reads nothing more once it is aborted", async () => {
		const { caller, watch } = watched();
		const { stream, isCancelled } = source();
		caller.abort();
		await expect(watch.body(stream).getReader().read()).rejects.toThrow();
		expect(isCancelled()).toBe(true);
	});

	it("passes the bytes through unchanged to their end", async () => {
		const { watch } = watched();
		const { stream, send, close } = source();
		send("one ");
		send("two");
		close();
		expect(await new Response(watch.body(stream)).text()).toBe("one two");
		expect(watch.end).toBeUndefined();
	});

	it("is aborted with its caller", () => {
		const { caller, watch } = watched();
		caller.abort();
		expect(watch.end).toBe("cancelled");
		expect(watch.controller.signal.aborted).toBe(true);
	});

	it("is aborted from the start when its caller already was", () => {
		expect(watchCall(AbortSignal.abort(), 1_000, new ManualClock()).end).toBe("cancelled");
	});

	it("lets go of a promise that takes no signal", async () => {
		const { caller, watch } = watched();
		const race = expect(watch.race(new Promise(() => {}))).rejects.toThrow();
		caller.abort();
		await race;
		await expect(watch.race(Promise.resolve(1))).rejects.toThrow();
	});

	it("leaves no timer behind when it is closed", () => {
		const { clock, caller, watch } = watched();
		expect(clock.pending).toBe(1);
		watch.close();
		expect(clock.pending).toBe(0);
		caller.abort();
		expect(watch.end).toBeUndefined();
	});
});
