import { mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { Accounts } from "./accounts.ts";

const ROOT_LINE = "root:x:0:0:root:/root:/bin/bash";
const USER = { uid: 1_900_000_001, gid: 1_900_000_001 };

function machine() {
	const root = temporaryDirectory();
	const said: string[] = [];
	mkdirSync(join(root, "etc"));
	writeFileSync(join(root, "etc/passwd"), `${ROOT_LINE}\n`);
	writeFileSync(join(root, "etc/group"), "root:x:0:\n");
	return {
		root,
		said,
		accounts: new Accounts((line) => said.push(line), root),
		etc: (name: string) => readFileSync(join(root, "etc", name), "utf8"),
	};
}

describe.runIf(process.getuid?.() === 0)("accounts of sessions", () => {
	it("have a name, a group and a home that is the workspace, and neither file says whose it is", () => {
		const { root, accounts, etc } = machine();
		accounts.add(USER, "/data/workspaces/default.secret-plan.1");
		expect(etc("passwd")).toBe(
			`${ROOT_LINE}\nklaw-1900000001:x:1900000001:1900000001:klaw session:/home/klaw-1900000001/workspace:/bin/bash\n`,
		);
		expect(etc("group")).toBe("root:x:0:\nklaw-1900000001:x:1900000001:\n");
		expect(statSync(join(root, "etc/passwd")).mode & 0o777).toBe(0o644);
		const home = statSync(join(root, "home/klaw-1900000001"));
		expect([home.uid, home.gid, home.mode & 0o777]).toEqual([0, USER.gid, 0o750]);
		expect(readlinkSync(join(root, "home/klaw-1900000001/workspace"))).toBe("/data/workspaces/default.secret-plan.1");
	});

	it("are entered once, also by a runtime that starts again, and go with their session", () => {
		const { root, accounts, etc } = machine();
		accounts.add(USER, "/w/a");
		accounts.add({ uid: 1_900_000_002, gid: 1_900_000_002 }, "/w/b");
		const before = etc("passwd");
		new Accounts(() => undefined, root).add({ uid: 1_900_000_002, gid: 1_900_000_002 }, "/w/b");
		accounts.add(USER, "/w/a");
		expect(etc("passwd")).toBe(before);
		accounts.remove(USER);
		expect(etc("passwd")).toMatch(/^root:.*\nklaw-1900000002:.*\n$/);
		expect(etc("group")).toBe("root:x:0:\nklaw-1900000002:x:1900000002:\n");
		expect(() => statSync(join(root, "home/klaw-1900000001"))).toThrow("ENOENT");
	});

	it("that cannot be made are done without, and that is said once", () => {
		const root = temporaryDirectory();
		const said: string[] = [];
		const accounts = new Accounts((line) => said.push(line), root);
		accounts.add(USER, "/w/a");
		accounts.add({ uid: 5, gid: 5 }, "/w/b");
		expect(said).toEqual(["Sessions have no names in /etc/passwd, since it cannot be changed (ENOENT)."]);
	});
});
