import { describe, expect, it } from "vitest";
import { commandEnvironment } from "./environment.ts";

describe("commandEnvironment", () => {
	it("passes on a list of harmless variables and nothing else", () => {
		const own = {
			...{ PATH: "/bin", LANG: "de_DE.UTF-8", TZ: "UTC", USER: "me", HOME: "/root", TERM: "xterm", NODE_OPTIONS: "--inspect" },
			...{ ANTHROPIC_API_KEY: "key", KLAW_ADMIN_TOKEN: "token", SSH_AUTH_SOCK: "/tmp/agent" },
		};
		expect(commandEnvironment({ workspace: "/data/workspaces/s", callId: "call-1", dataDir: "/data" }, own)).toEqual({
			...{ PATH: "/bin", LANG: "de_DE.UTF-8", TZ: "UTC", USER: "me", HOME: "/data/workspaces/s", TERM: "dumb" },
			...{ KLAW_NODE_DATA: "/data", KLAW_WORKSPACE: "/data/workspaces/s", KLAW_CALL_ID: "call-1" },
		});
	});

	it("has a path and a UTF-8 locale even where the runtime has none", () => {
		expect(commandEnvironment({ workspace: "/d/w/s", callId: "c", dataDir: "/d" }, {})).toMatchObject({
			PATH: expect.stringContaining("/usr/bin:/sbin:/bin"),
			LANG: "C.UTF-8",
		});
	});
});
