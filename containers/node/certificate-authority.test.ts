import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Certificates, loadCertificates } from "../../src/cli/up/certificates.ts";
import { authorityIn } from "./certificate-authority.ts";
import { type NodeOptions, startNode } from "./runtime.ts";
import { TOKEN } from "./testing/link-server.ts";
import { runningServer, until } from "./testing/running-node.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const certificates = (names: string[]) => loadCertificates(temporaryDirectory(), names);

async function portOf(server: Server): Promise<number> {
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	onTestFinished(() => void server.close());
	return (server.address() as AddressInfo).port;
}

/** A server of the node protocol behind TLS. */
async function secureServer({ server: { cert, key } }: Certificates) {
	const server = await runningServer();
	const through = (socket: Socket) => {
		const inner = connect(Number(new URL(server.url).port), "127.0.0.1");
		for (const [from, to] of [
			[socket, inner],
			[inner, socket],
		] as const)
			from.on("error", () => to.destroy()).pipe(to);
	};
	const port = await portOf(createTlsServer({ cert, key }, through));
	return { server, url: `https://127.0.0.1:${port}` };
}

async function start(options: Partial<NodeOptions> & { url: string }) {
	const log: string[] = [];
	const timing = { backoffFirstMs: 5, backoffMaxMs: 20 };
	const node = await startNode({
		token: TOKEN,
		name: "n",
		dataDir: temporaryDirectory(),
		timing,
		log: (line) => log.push(line),
		...options,
	});
	node.done.catch(() => undefined);
	onTestFinished(() => node.stop().catch(() => undefined));
	return { ...node, log };
}

describe("a server whose certificate no public authority signed", () => {
	it("is joined and dialled with its authority's certificate", async () => {
		const made = await certificates(["127.0.0.1"]);
		const { server, url } = await secureServer(made);
		await start({ url, ca: made.ca });
		await server.joined();
		expect(server.joins).toHaveLength(1);
	});

	it("is not sent the token without it, and the end says what to do", async () => {
		const { server, url } = await secureServer(await certificates(["127.0.0.1"]));
		const { done } = await start({ url });
		await expect(done).rejects.toThrow(
			`The certificate of ${url} is of an authority that this machine does not trust (UNABLE_TO_VERIFY_LEAF_SIGNATURE). Give the authority's certificate with --certificate-authority FILE`,
		);
		expect(server.joins).toEqual([]);
	});

	it("is not joined by another authority's, nor by a name that its certificate has not", async () => {
		const [mine, other] = [await certificates(["localhost"]), await certificates(["localhost"])];
		const { server, url } = await secureServer(mine);
		await expect((await start({ url, ca: other.ca })).done).rejects.toThrow(/is not of the authority that it should be of/);
		await expect((await start({ url, ca: mine.ca })).done).rejects.toThrow(/The certificate of .* is for other names: .*127\.0\.0\.1/);
		expect(server.joins).toEqual([]);
	});

	it("that it has joined before is tried again, with the same sentence", async () => {
		const made = await certificates(["127.0.0.1"]);
		const { server, url } = await secureServer(made);
		const dataDir = temporaryDirectory();
		const first = await start({ url, dataDir, ca: made.ca });
		await server.joined();
		await until(() => first.log.some((line) => line.startsWith("Joined")));
		await first.stop();
		const { log } = await start({ url, dataDir });
		await until(() => log.filter((line) => /does not trust .* Dialling again in/.test(line)).length >= 2);
	});
});

it("an address that begins with https:// in place of http:// ends with that", async () => {
	const server = await runningServer();
	const { done } = await start({ url: server.url.replace("http:", "https:") });
	await expect(done).rejects.toThrow("does not speak TLS. Does its address begin with http://?");
});

it("a port at which nobody speaks HTTP ends with that", async () => {
	const port = await portOf(createTcpServer((socket) => void socket.end("220 mail.example ESMTP\r\n").on("error", () => undefined)));
	const { done } = await start({ url: `http://127.0.0.1:${port}` });
	await expect(done).rejects.toThrow(`http://127.0.0.1:${port} does not speak HTTP`);
});

it("the file of an authority that holds no certificate is refused", () => {
	const path = join(temporaryDirectory(), "ca.crt");
	expect(() => authorityIn(path)).toThrow(`The file ${path} of --certificate-authority cannot be read: ENOENT`);
	writeFileSync(path, "not a certificate");
	expect(() => authorityIn(path)).toThrow(`The file ${path} of --certificate-authority holds no certificate in PEM form`);
});
