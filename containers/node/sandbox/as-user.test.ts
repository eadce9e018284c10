import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { HAS_SESSION_USERS } from "../testing/session-users.ts";
import { asUser } from "./as-user.ts";

const USER = { uid: 0x7000_0000, gid: 0x7000_0000 };

it.runIf(HAS_SESSION_USERS)("the runtime's own programs run as a session's user without a right, a way to one, or room", () => {
	const shown = (path: string) => {
		const { file, args } = asUser(USER, ["cat", path]);
		return execFileSync(file, args, { encoding: "utf8", cwd: "/" });
	};
	const status = shown("/proc/self/status");
	expect(status).toMatch(/^NoNewPrivs:\t1$/m);
	expect(status).toMatch(/^CapBnd:\t0+$/m);
	expect(status).toMatch(/^Groups:\t *$/m);
	expect(status).toMatch(new RegExp(`^Uid:\\t${USER.uid}\\t${USER.uid}\\t`, "m"));
	expect(shown("/proc/self/limits")).toMatch(/^Max file size +0 +0 /m);
});
