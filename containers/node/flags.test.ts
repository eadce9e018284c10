import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { saveCredential } from "./credential-file.ts";
import { readFlags } from "./flags.ts";
import { nodeName } from "./node-name.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const URL = "http://127.0.0.1:8787";
const read = (...args: string[]) => readFlags(args, "/root");

describe("readFlags", () => {
	it("reads all of them", () => {
		const flags = [
			...["--name", "local", "--data", "d", "--token-file", "t", "--remove-token-file", "--exit-with-parent"],
			...["--labels", "zone=a,klaw.sh/local=", "--taints", "gpu=yes:NoSchedule,old:NoExecute"],
			...["--capacity", "cpu=1500m,memory=4Gi,ephemeral-storage=20Gi,slots=16", "--workspace-root", "/mnt/work"],
		];
		expect(read("join", URL, ...flags)).toEqual({
			...{ url: URL, name: "local", data: "d", tokenFile: "t", removeTokenFile: true, exitWithParent: true },
			...{ labels: { zone: "a", "klaw.sh/local": "" }, workspaceRoot: "/mnt/work" },
			taints: [
				{ key: "gpu", value: "yes", effect: "NoSchedule" },
				{ key: "old", effect: "NoExecute" },
			],
			capacity: { cpu: 1.5, memory: 4 * 2 ** 30, ephemeralStorage: 20 * 2 ** 30, slots: 16 },
		});
	});

	it("lets lists be written with spaces", () => {
		const flags = ["--capacity", "cpu=2, memory=4Gi", "--labels", "a=1, b=2", "--taints", "a:NoSchedule, b:NoSchedule"];
		expect(read(URL, ...flags)).toMatchObject({
			...{ capacity: { cpu: 2, memory: 4 * 2 ** 30 }, labels: { a: "1", b: "2" } },
			taints: [{ key: "a" }, { key: "b" }],
		});
	});

	it("needs the address only: the rest is the machine's", () => {
		const name = nodeName(hostname());
		expect(read(URL)).toEqual({
			...{ url: URL, name, data: `/root/.klaw/nodes/${name}`, tokenFile: undefined, workspaceRoot: undefined },
			...{ labels: {}, taints: [], capacity: {}, removeTokenFile: false, exitWithParent: false },
		});
	});

	it("knows from its data as which node it joined, unless it is told another name", () => {
		const data = temporaryDirectory();
		saveCredential(data, { server: URL, node: "joined-before" }, "credential-of-the-test");
		expect(read(URL, "--data", data).name).toBe("joined-before");
		expect(read(URL, "--data", data, "--name", "other").name).toBe("other");
		expect(read(URL, "--data", temporaryDirectory()).name).toBe(nodeName(hostname()));
	});

	it("needs the hash of the server's key to be dialled", () => {
		const keySha256 = "0a".repeat(32);
		expect(read("--listen", "8080", "--key-sha256", keySha256)).toMatchObject({ listen: 8080, keySha256, url: undefined });
		for (const args of [[], ["--key-sha256", "0a"], ["--key-sha256", "x".repeat(64)]])
			expect(() => read("--listen", "8080", ...args)).toThrow("--listen needs --key-sha256 HASH");
	});

	it.each([[["join", URL]], [[URL]], [["--url", URL]], [["--data", "/data", "join", URL]]])("takes the address of %j", (args) => {
		expect(read(...args).url).toBe(URL);
	});

	it.each([
		[[], "The address of the server is missing. Start a node with: join URL --token-file FILE"],
		[["join"], "The address of the server is missing"],
		[["join", URL, "other"], "A node joins one server, and was given http://127.0.0.1:8787 and other."],
		[[URL, "--capacity", "gpu=1"], 'holds "gpu". It knows cpu, memory, ephemeral-storage and slots'],
		[[URL, "--capacity", "memory=lots"], '"lots" is not a quantity'],
		...["0", "-1", "-0.5"].map((slots): [string[], string] => [[URL, "--capacity", `slots=${slots}`], "must be more than nothing"]),
		...["0.5", "1.5", "1500m"].map((slots): [string[], string] => [
			[URL, "--capacity", `slots=${slots}`],
			"slots are sessions at once, and those are whole",
		]),
		...["NaN", "Infinity", "", "1,5"].map((cpu): [string[], string] => [
			[URL, "--capacity", `cpu=${cpu}`],
			cpu === "1,5" ? 'holds "5", which is not' : "is not a quantity",
		]),
		[[URL, "--capacity", "memory=4"], "memory=4, which is less than 1Mi. Is the unit missing, as in cpu=2,memory=4Gi"],
		[[URL, "--capacity", "cpu=2,cpu=3"], "--capacity holds cpu more than once"],
		[[URL, "--capacity", "cpu=1e12"], "more than any machine has"],
		[[URL, "--capacity", "memory=8Ei"], "more than any machine has"],
		[[URL, "--labels", "novalue"], '"novalue", which is not key=value'],
		[[URL, "--labels", "a b=c"], '"a b=c": name part must consist of'],
		[[URL, "--labels", "a=b c"], '"a=b c": a valid label must be'],
		[[URL, "--token", "secret"], "--token"],
	])("says what is wrong with %j", (args, message) => {
		expect(() => read(...args)).toThrow(message);
	});
});
