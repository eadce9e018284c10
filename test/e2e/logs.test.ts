import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Json, Klaw, NAMESPACE, until } from "./klaw-process.ts";
import { type Frame, journal, sessionEvents } from "./session-events.ts";

const COMMANDS = 10;
const prompt = Array.from({ length: COMMANDS }, (_, n) => `$ echo begun-${n}; sleep 0.15; echo ended-${n}`).join("\n");

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());

/** The events that `klaw logs -o json` has printed; a line that was cut in the middle is none. */
const printed = (stdout: string): Json[] =>
	stdout
		.split("\n")
		.slice(0, -1)
		.map((line) => JSON.parse(line));

/** Starts a task whose run goes on for a while. */
const start = (name: string) => klaw.createTask(name, { prompt });

/** The whole journal of a session whose only run is over, once it owes nobody anything: nothing is added to it then. */
async function settled(session: string): Promise<Json[]> {
	let events: Json[] = [];
	await until(async () => {
		events = await journal(klaw, session);
		const finished = events.find(({ event }) => event.type === "run.finished");
		const delivered = events.map(({ event }) => String(event.id));
		return delivered.includes(`report:${finished?.event.run}:${finished?.seq}`) && delivered.some((id) => id.startsWith("release:"));
	}, 20_000);
	return events;
}

async function all(frames: AsyncIterable<Frame>): Promise<Frame[]> {
	const list: Frame[] = [];
	for await (const frame of frames) list.push(frame);
	return list;
}

/** The journaled events of a task's only run. */
async function runOf(task: string): Promise<Json[]> {
	const { run } = await klaw.taskEnd(task);
	return (await journal(klaw, task)).filter(({ event }) => event.run === run);
}

describe.concurrent("klaw logs -f", () => {
	it("cut in the middle and called again shows every event once", async () => {
		// The last command waits until the first reader is gone.
		const go = join(klaw.dir, "go");
		await klaw.createTask("cut", { prompt: `${prompt}\n$ until [ -e ${go} ]; do sleep 0.05; done` });
		const first = klaw.command(["logs", "-f", "task/cut", "-o", "json"]);
		await until(() => printed(first.stdout).length >= 12, 20_000);
		await first.kill();
		const seen = printed(first.stdout);
		await writeFile(go, "");

		const [again, rest] = await Promise.all([
			klaw.cli(["logs", "-f", "task/cut", "-o", "json"]),
			klaw.cli(["logs", "-f", "task/cut", "-o", "json", "--since-seq", String(seen.at(-1)?.seq)]),
		]);
		const whole = await runOf("cut");
		expect(seen.length).toBeLessThan(whole.length);
		expect(again).toMatchObject({ code: 0, stderr: "" });
		expect(printed(again.stdout)).toEqual(whole);
		expect([...seen, ...printed(rest.stdout)]).toEqual(whole);
	});

	it("shows every event once to people too, each on a line with its number", async () => {
		await start("people");
		const { code, stdout } = await klaw.cli(["logs", "-f", "task/people"]);
		const whole = await runOf("people");
		expect(code).toBe(0);
		expect([...stdout.matchAll(/^ *(\d+) \d{4}-\d\d-\d\dT\S+Z ([a-z.]+)/gm)].map(([, seq, type]) => [Number(seq), type])).toEqual(
			whole.map(({ seq, event }) => [seq, event.type]),
		);
		for (let n = 0; n < COMMANDS; n += 1) expect(stdout).toContain(`     begun-${n}\n     ended-${n}\n`);
	});

	it("without -f prints what there is and ends", async () => {
		await start("short");
		await until(async () => (await klaw.api("GET", `${NAMESPACE}/tasks/short`)).body.status.run !== undefined, 10_000);
		const { code, stdout } = await klaw.cli(["logs", "short", "-o", "json"]);
		expect(code).toBe(0);
		const events = printed(stdout);
		expect(events.length).toBeGreaterThan(1);
		await klaw.taskEnd("short");
		expect((await journal(klaw, "short")).slice(0, events.length)).toEqual(events);
	});
});

describe.concurrent("a reader of the event stream", () => {
	it("that reconnects after every single event sees each once, while they happen", async () => {
		await start("stuttering");
		const seen: Json[] = [];
		for (let last = 0, over = false; !over; ) {
			for await (const { id, data } of sessionEvents(klaw, "stuttering", { lastEventId: last, follow: true })) {
				if (id === undefined) continue;
				seen.push(data);
				last = id;
				over = data.event.type === "run.finished";
				break;
			}
		}
		expect(seen).toEqual((await journal(klaw, "stuttering")).slice(0, seen.length));
	});

	it("that names any event in Last-Event-ID gets all that follow it and none before", async () => {
		await start("any");
		const { run } = await klaw.taskEnd("any");
		const whole = await settled("any");
		expect(whole.map(({ seq }) => seq)).toEqual(whole.map((_, index) => index + 1));
		const ofRun = whole.filter(({ event }) => event.run === run);
		for (let last = 0; last <= whole.length + 1; last += 1) {
			const [rest, followed] = await Promise.all([
				all(sessionEvents(klaw, "any", { lastEventId: last })),
				all(sessionEvents(klaw, "any", { lastEventId: last, follow: true, run })),
			]);
			expect(rest.map(({ data }) => data)).toEqual(whole.slice(last));
			expect(rest.map(({ id, event }) => [id, event])).toEqual(whole.slice(last).map(({ seq, event }) => [seq, event.type]));
			expect(followed.map(({ data }) => data)).toEqual(ofRun.filter(({ seq }) => seq > last));
		}
	});

	it("that names something else is refused with a sentence", async () => {
		await klaw.api("POST", `${NAMESPACE}/sessions`, { metadata: { name: "nowhere" } });
		for (const lastEventId of ["abc", "-1", "1.5"])
			await expect(sessionEvents(klaw, "nowhere", { lastEventId }).next()).rejects.toThrow(
				/400: .*Last-Event-ID and after take the id of an event/,
			);
	});

	it("that comes back in the middle of a command's output is shown it from its first character again", async () => {
		await klaw.createTask("middle", { prompt: "$ echo one; sleep 0.6; echo two; sleep 0.6; echo three" });
		const heard: string[] = [];
		let last = 0;
		let whole = "";
		while (whole === "") {
			let text = "";
			for await (const { id, event, data } of sessionEvents(klaw, "middle", { lastEventId: last, follow: true })) {
				last = id ?? last;
				if (event === "tool.completed") whole = data.event.content;
				if (event === "tool.output") text = text.slice(0, data.position) + data.text;
				if (event === "tool.completed" || (event === "tool.output" && !heard.includes(text))) break;
			}
			if (text !== "") heard.push(text);
		}
		expect(whole).toBe("one\ntwo\nthree");
		expect(heard.length).toBeGreaterThan(1);
		for (const text of heard) expect(`${whole}\n`.startsWith(text)).toBe(true);
	});
});

it("klaw logs -f goes on over two kills of everything, and shows every event once", async () => {
	await start("killed");
	const ofSession = klaw.command(["logs", "-f", "killed", "-o", "json"]);
	const ofTask = klaw.command(["logs", "-f", "task/killed", "-o", "json"]);
	for (const events of [8, 20]) {
		await until(() => Math.min(...[ofSession, ofTask].map(({ stdout }) => printed(stdout).length)) >= events, 30_000);
		await klaw.kill();
		await klaw.start();
	}
	const ofRun = await runOf("killed");
	expect(await ofTask.ended).toBe(0);
	expect(printed(ofTask.stdout)).toEqual(ofRun);
	// The task may be over before the second kill; the session is followed through both.
	expect(ofSession.stderr).toMatch(/^The connection to the server .* Trying again\.$/m);

	const whole = await settled("killed");
	await until(() => printed(ofSession.stdout).length >= whole.length, 20_000);
	await ofSession.kill("SIGINT");
	expect(printed(ofSession.stdout)).toEqual(whole);
	const outputs = whole.filter(({ event }) => event.type === "tool.completed").map(({ event }) => event.content);
	expect(outputs).toEqual(Array.from({ length: COMMANDS }, (_, n) => `begun-${n}\nended-${n}`));
});
