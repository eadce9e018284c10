import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesWith } from "../../../../containers/node/process/process-table.ts";
import { TOKEN } from "../../../../containers/node/testing/link-server.ts";
import { runningServer } from "../../../../containers/node/testing/running-node.ts";
import { type Ran, runKlaw } from "../../test-io.ts";
import { loadCertificates } from "../../up/certificates.ts";
import { localKubeconfig } from "../../up/local-kubeconfig.ts";
import { authorityOf } from "./authority-of.ts";

let dir: string;
let ca: string;
beforeAll(async () => {
	dir = mkdtempSync(join(tmpdir(), "klaw-join-"));
	({ ca } = await loadCertificates(join(dir, "tls"), ["localhost"]));
	writeFileSync(join(dir, "kubeconfig"), localKubeconfig("https://127.0.0.1:8443", ca, "t"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const klaw = (...argv: string[]): Promise<Ran> => runKlaw(["node", "join", "http://127.0.0.1:9", "--data", join(dir, "data"), ...argv]);

describe("klaw node join refuses, before anything is made or asked,", () => {
	it.each([
		[["--token", ""], "The value of --token is empty. Make a join token with: klaw node token create"],
		[["--token", "a b"], "The value of --token is no join token"],
		[["--token", "eyJhbGciOiJFUzI1NiJ9.e30.sig"], "The value of --token is no join token, which begins with klaw-join-."],
		[["--token", "a", "--token-file", "b"], "Give the join token with --token or with --token-file, not with both."],
		[["--capacity", "slots=1.5"], "slots are sessions at once, and those are whole"],
		[["--taints", "gpu"], '--taints holds "gpu", which is not key=value:Effect'],
		[["--labels", "a b"], '--labels holds "a b", which is not key=value'],
		[["--name", "Bad Name"], '--name "Bad Name" is no name of a node'],
		[["--certificate-authority", "/none"], "The file /none of --certificate-authority cannot be read"],
		[["--insecure-skip-tls-verify"], "A node does not join a server whose certificate nobody looks at"],
	])("%j", async (flags, message) => {
		expect(await klaw(...flags)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(`error: `) });
		expect((await klaw(...flags)).stderr).toContain(message);
	});
});

it("klaw node join --help says where the machine's state is, and how it leaves the cluster", async () => {
	const { stdout } = await klaw("--help");
	for (const words of ["~/.klaw/nodes/NAME", "klaw delete node NAME", "--certificate-authority"]) expect(stdout).toContain(words);
});

describe("klaw node join that is interrupted", () => {
	/** Joins, runs a command if there is one, and is interrupted. Returns what it said. */
	async function interrupted(command?: string): Promise<Ran & { data: string }> {
		const server = await runningServer();
		const data = mkdtempSync(join(dir, "interrupted-"));
		writeFileSync(join(dir, "token"), TOKEN);
		let interrupt = () => {};
		const flags = ["--name", "n1", "--data", data, "--token-file", join(dir, "token")];
		const ran = runKlaw(["node", "join", server.url, ...flags], {
			onStart: (signal) => {
				interrupt = signal;
			},
		});
		await server.joined();
		if (command === undefined) await server.run("c", "bash", { command: "true" });
		else {
			server.call("c", "bash", { command });
			await server.until(() => server.outputOf("c") !== "");
		}
		interrupt();
		return { ...(await ran), data };
	}

	it("says that a command goes on, how it is picked up and how it is ended", async () => {
		const { code, stderr, data } = await interrupted("echo begun; exec sleep 777");
		expect(code).toBe(0);
		expect(stderr.trim().split("\n").at(-1)).toBe(
			`1 call goes on without this command, and is picked up when it is started again with --data ${data}. To end it: klaw delete node n1, and start it again with the same --data.`,
		);
		const left = processesWith([`KLAW_NODE_DATA=${data}`], []);
		expect(left).not.toEqual([]);
		for (const pid of left) process.kill(pid, "SIGKILL");
	});

	it("says nothing of commands when none runs", async () => {
		expect((await interrupted()).stderr).not.toContain("picked up");
	});
});

describe("the authority that a server's certificate is to be of", () => {
	const io = { env: {}, cwd: "/", home: "/none" };
	const of = (url: string, flags = {}) => authorityOf(url, { kubeconfig: join(dir, "kubeconfig"), ...flags }, io);

	it("is the flag's, whatever the kubeconfig has", async () => {
		const other = join(dir, "tls", "server.crt");
		expect(await of("https://127.0.0.1:8443", { certificateAuthority: other })).toBe(readFileSync(other, "utf8"));
	});

	it("is that of the kubeconfig's cluster of the same server, and of no other", async () => {
		expect(await of("https://127.0.0.1:8443/clusters/blue")).toBe(ca);
		expect(await of("wss://127.0.0.1:8443")).toBe(ca);
		writeFileSync(join(dir, "blue"), localKubeconfig("https://127.0.0.1:8443/clusters/blue/", ca, "t"));
		expect(await of("https://127.0.0.1:8443/clusters/blue", { kubeconfig: join(dir, "blue") })).toBe(ca);
		expect(await of("https://127.0.0.1:8443/clusters/blues", { kubeconfig: join(dir, "blue") })).toBeUndefined();
		for (const url of ["https://127.0.0.1:9443", "https://klaw.example.com", "http://127.0.0.1:8443", "nothing"])
			expect(await of(url)).toBeUndefined();
	});

	it("is not replaced by what Node trusts when the file that the kubeconfig names is gone", async () => {
		const cluster = { server: "https://127.0.0.1:8443", "certificate-authority": "gone.crt" };
		writeFileSync(join(dir, "of-file"), JSON.stringify({ clusters: [{ name: "c", cluster }] }));
		const asked = of("https://127.0.0.1:8443", { kubeconfig: join(dir, "of-file") });
		await expect(asked).rejects.toThrow("gone.crt, which the kubeconfig names as certificate-authority of the cluster c, is not there.");
	});
});
