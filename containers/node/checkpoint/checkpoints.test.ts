import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { ToolError } from "../tools/node-tool.ts";
import { Checkpoints, type WorkspaceUse } from "./checkpoints.ts";
import type { WorkspaceState } from "./protocol.ts";
import { MemoryBlobs } from "./testing/memory-blobs.ts";
import { picture, plant, type Tree } from "./testing/tree.ts";

/** A machine with one workspace; each time it is asked, by a runtime that has just started. */
class Machine {
	readonly dir = temporaryDirectory();
	readonly root = join(this.dir, "w");
	readonly index = join(this.dir, "checkpoints/w.json");
	readonly log: string[] = [];
	readonly quieted: string[] = [];
	readonly blobs: MemoryBlobs;
	now = Date.now();

	constructor(blobs = new MemoryBlobs()) {
		this.blobs = blobs;
		mkdirSync(this.root);
	}

	use(state: Partial<WorkspaceState>, signal = new AbortController().signal): WorkspaceUse {
		const full = { epoch: 1, checkpoints: true, limitBytes: 2 ** 40, ...state };
		return { session: "default/w", workspace: "w", root: this.root, state: full, signal, failed: () => undefined };
	}

	get runtime(): Checkpoints {
		return new Checkpoints({
			dir: join(this.dir, "checkpoints"),
			blobs: () => this.blobs,
			quiet: async (root) => void this.quieted.push(root),
			now: () => this.now,
			log: (line) => this.log.push(line),
		});
	}

	/** Puts files there as a call does. @returns the name of the checkpoint */
	async keep(tree: Tree, state: Partial<WorkspaceState> = {}): Promise<string> {
		await this.runtime.ensure(this.use(state));
		plant(this.root, tree);
		const { checkpoint, remark } = await this.runtime.checkpoint(this.use(state));
		return checkpoint?.name ?? Promise.reject(new Error(`no checkpoint: ${remark}`));
	}
}

const ONE = { f: { file: "one" } };

describe("the workspaces of a node", () => {
	it("are left alone for as long as the epoch stays the same, by the next runtime too", async () => {
		const machine = new Machine();
		const checkpoint = await machine.keep(ONE);
		plant(machine.root, { g: { file: "later" } });
		await machine.runtime.ensure(machine.use({ checkpoint }));
		expect(existsSync(join(machine.root, "g"))).toBe(true);
		expect(machine.quieted).toEqual([]);
	});

	it("are taken as they are when a runtime from before there were checkpoints left them, and they are nowhere else", async () => {
		const elsewhere = new Machine();
		const machine = new Machine(elsewhere.blobs);
		const checkpoint = await elsewhere.keep(ONE);
		const state = { epoch: 2, checkpoint, here: true };
		plant(machine.root, { g: { file: "nowhere else" } });
		await machine.runtime.ensure(machine.use(state));
		expect(Object.keys(picture(machine.root))).toEqual(["/g"]);
		expect((await machine.runtime.checkpoint(machine.use(state))).checkpoint).toMatchObject({ files: 1 });
	});

	it("are restored where there is nothing left of those that were nowhere else", async () => {
		const elsewhere = new Machine();
		const machine = new Machine(elsewhere.blobs);
		await machine.runtime.ensure(machine.use({ epoch: 2, checkpoint: await elsewhere.keep(ONE), here: true }));
		expect(Object.keys(picture(machine.root))).toEqual(["/f"]);
	});

	it("are quiet before they are restored", async () => {
		const machine = new Machine();
		const checkpoint = await machine.keep(ONE);
		await machine.runtime.ensure(machine.use({ epoch: 2, checkpoint }));
		expect(machine.quieted).toEqual([machine.root]);
	});

	it("are restored again after a runtime died in the middle, even if the epoch goes back to what it was", async () => {
		const machine = new Machine();
		const first = await machine.keep(ONE);
		const other = new Machine(machine.blobs);
		const second = await other.keep({ g: { file: "two" }, h: { file: "x".repeat(5 * 2 ** 20) } });
		let left = 2;
		machine.blobs.before = () => {
			if (left-- === 0) throw new Error("killed");
		};
		await expect(machine.runtime.ensure(machine.use({ epoch: 2, checkpoint: second }))).rejects.toThrow(ToolError);
		machine.blobs.before = () => undefined;
		await machine.runtime.ensure(machine.use({ epoch: 1, checkpoint: first }));
		expect(picture(machine.root)).toMatchObject({ "/f": { contents: "one" } });
		expect(Object.keys(picture(machine.root))).toEqual(["/f"]);
		await machine.runtime.ensure(machine.use({ epoch: 2, checkpoint: second }));
		expect(picture(machine.root)).toEqual(picture(other.root));
	});

	it("are restored when what is known of them is damaged", async () => {
		const machine = new Machine();
		const checkpoint = await machine.keep(ONE);
		writeFileSync(machine.index, "{");
		plant(machine.root, { g: { file: "later" } });
		await machine.runtime.ensure(machine.use({ checkpoint }));
		expect(Object.keys(picture(machine.root))).toEqual(["/f"]);
		expect(machine.log[0]).toContain("The index of workspace w is damaged");
	});

	it("are taken as they are when what is known of them is damaged, and they are nowhere else", async () => {
		const machine = new Machine();
		const state = { checkpoint: await machine.keep(ONE), here: true };
		writeFileSync(machine.index, "");
		plant(machine.root, { g: { file: "nowhere else" } });
		const { runtime } = machine;
		await runtime.ensure(machine.use(state));
		expect(Object.keys(picture(machine.root))).toEqual(["/f", "/g"]);
		expect((await runtime.checkpoint(machine.use(state))).checkpoint).toMatchObject({ files: 2 });
	});

	it("are not begun in when there is no room for what is known of them", async () => {
		const machine = new Machine();
		const checkpoint = await machine.keep(ONE);
		mkdirSync(`${machine.index}.tmp`);
		await expect(machine.runtime.ensure(machine.use({ epoch: 2, checkpoint }))).rejects.toThrow(
			"Nothing was run, because the files of this session could not be restored.",
		);
	});

	it("are checkpointed although what is known of them cannot be written", async () => {
		const machine = new Machine();
		await machine.keep(ONE);
		mkdirSync(`${machine.index}.tmp`);
		plant(machine.root, { f: { file: "two" } });
		const { checkpoint } = await machine.runtime.checkpoint(machine.use({}));
		expect(machine.log[0]).toContain("The index of workspace w could not be kept.");
		const other = new Machine(machine.blobs);
		await other.runtime.ensure(other.use({ checkpoint: checkpoint?.name }));
		expect(readFileSync(join(other.root, "f"), "utf8")).toBe("two");
	});

	it("of another epoch than the call's are not checkpointed by it", async () => {
		const machine = new Machine();
		await machine.keep(ONE, { epoch: 2 });
		plant(machine.root, { f: { file: "two" } });
		expect(await machine.runtime.checkpoint(machine.use({ epoch: 1 }))).toEqual({});
	});

	it("are stored anew when the session never heard of the last checkpoint and the store may have dropped it", async () => {
		const machine = new Machine();
		const known = await machine.keep(ONE);
		await machine.keep({ g: { file: "two" } }, { checkpoint: known });
		const kept = [...machine.blobs.stored.keys()];
		machine.blobs.stored.clear();
		machine.now += 600_001;
		const checkpoint = await machine.keep({ h: { file: "three" } }, { checkpoint: known });
		expect(kept.length).toBeGreaterThan(0);
		const other = new Machine(machine.blobs);
		await other.runtime.ensure(other.use({ checkpoint }));
		expect(Object.keys(picture(other.root))).toEqual(["/f", "/g", "/h"]);
	});

	it("have checkpoints in the order in which they were made, though the clock is set back and the runtime starts again", async () => {
		const machine = new Machine();
		const order = async (text: string, state: Partial<WorkspaceState> = {}) => {
			await machine.runtime.ensure(machine.use(state));
			plant(machine.root, { f: { file: text } });
			return (await machine.runtime.checkpoint(machine.use(state))).checkpoint?.order ?? 0;
		};
		const first = await order("one");
		machine.now -= 86_400_000;
		const second = await order("two");
		expect(second).toBeGreaterThan(first);
		const checkpoint = (await machine.keep({ f: { file: "three" } })) || undefined;
		expect(await order("four", { epoch: 2, checkpoint })).toBeGreaterThan(second + 1);
		const index = JSON.parse(readFileSync(machine.index, "utf8"));
		writeFileSync(machine.index, JSON.stringify({ ...index, order: undefined }));
		machine.now = first + 1_000_000;
		expect(await order("five", { epoch: 2, checkpoint })).toBe(machine.now);
	});

	it("that are emptied after that are known to be empty", async () => {
		const machine = new Machine();
		const known = await machine.keep(ONE);
		await machine.keep({ g: { file: "two" } }, { checkpoint: known });
		machine.now += 600_001;
		for (const name of ["f", "g"]) rmSync(join(machine.root, name));
		const { checkpoint } = await machine.runtime.checkpoint(machine.use({ checkpoint: known }));
		expect(checkpoint).toMatchObject({ files: 0 });
	});

	it("say when all is well again after a checkpoint that failed", async () => {
		const machine = new Machine();
		const known = await machine.keep(ONE);
		plant(machine.root, { f: { file: "two" } });
		machine.blobs.before = () => {
			throw new Error("no");
		};
		expect(await machine.runtime.checkpoint(machine.use({ checkpoint: known }))).toMatchObject({ uncheckpointed: true });
		machine.blobs.before = () => undefined;
		await machine.runtime.checkpoint(machine.use({ checkpoint: known }));
		plant(machine.root, ONE);
		const { checkpoint } = await machine.runtime.checkpoint(machine.use({ checkpoint: known }));
		expect(checkpoint).toMatchObject({ files: 1 });
	});

	it("say that all is well for as long as the session does not know it, though nothing is different", async () => {
		const machine = new Machine();
		const name = await machine.keep(ONE);
		const known = (state: Partial<WorkspaceState>) => machine.runtime.checkpoint(machine.use({ checkpoint: name, ...state }));
		expect((await known({})).checkpoint).toBeUndefined();
		const [first, second] = [await known({ here: true }), await known({ here: true })];
		expect([first.checkpoint?.name, second.checkpoint?.name]).toEqual([name, name]);
		expect(second.checkpoint?.order).toBeGreaterThan(first.checkpoint?.order ?? 0);
	});

	it("that never had a file are checkpointed when the session waits for word of that", async () => {
		const machine = new Machine();
		await machine.runtime.ensure(machine.use({}));
		expect(await machine.runtime.checkpoint(machine.use({}))).toEqual({});
		expect((await machine.runtime.checkpoint(machine.use({ here: true }))).checkpoint).toMatchObject({ files: 0 });
	});

	it("say once of a .klawignore that not all of it counts, by the next runtime too, and again when it is another", async () => {
		const machine = new Machine();
		await machine.runtime.ensure(machine.use({}));
		const remark = async (patterns: string) => {
			plant(machine.root, { ".klawignore": { file: patterns } });
			return (await machine.runtime.checkpoint(machine.use({}))).remark;
		};
		expect(await remark("a*b*c*d*e")).toContain("Left out of it: line 1 (more than 3 * in one name).");
		plant(machine.root, ONE);
		expect(await remark("a*b*c*d*e")).toBeUndefined();
		expect(await remark("a*b*c*d*e\n**/a/**/b/**")).toContain("line 2 (more than 2 **)");
		expect(await remark("*.log")).toBeUndefined();
		expect(await remark("a*b*c*d*e")).toContain("line 1");
	});

	it("say it once where they were restored, though nothing changes there", async () => {
		const elsewhere = new Machine();
		const machine = new Machine(elsewhere.blobs);
		const checkpoint = await elsewhere.keep({ ".klawignore": { file: "a*b*c*d*e" } });
		const use = machine.use({ epoch: 2, checkpoint });
		// Else the file is so new that it is read again.
		machine.now += 60_000;
		await machine.runtime.ensure(use);
		expect((await machine.runtime.checkpoint(use)).remark).toContain("Not all of .klawignore counts");
		expect(await machine.runtime.checkpoint(use)).toEqual({});
	});

	it("say it for as long as the store does not take them, and as long as they are over their ceiling", async () => {
		const machine = new Machine();
		const known = await machine.keep(ONE);
		plant(machine.root, { ".klawignore": { file: "a*b*c*d*e" } });
		const remark = async (state: Partial<WorkspaceState> = {}) =>
			(await machine.runtime.checkpoint(machine.use({ checkpoint: known, ...state }))).remark;
		for (let time = 0; time < 2; time++)
			expect(await remark({ limitBytes: 1 })).toMatch(/^The workspace has .* over its ceiling .*\nNot all of \.klawignore counts/);
		machine.blobs.before = () => {
			throw new Error("no");
		};
		expect(await remark()).not.toContain("Not all of");
		machine.blobs.before = () => undefined;
		expect(await remark()).toContain("Not all of .klawignore counts");
		expect(await remark()).toBeUndefined();
	});

	it("are forgotten without a trace", async () => {
		const machine = new Machine();
		await machine.keep(ONE);
		await machine.runtime.forget("w");
		await machine.runtime.forget("never was");
		expect(existsSync(machine.index)).toBe(false);
	});
});
