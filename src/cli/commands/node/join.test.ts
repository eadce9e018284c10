import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
		for (const url of ["https://127.0.0.1:9443", "https://klaw.example.com", "http://127.0.0.1:8443", "nothing"])
			expect(await of(url)).toBeUndefined();
	});
});
