import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { WebSocket } from "ws";
import { httpRequest, textOf } from "../http-request.ts";
import { type Certificates, loadCertificates } from "./certificates.ts";
import { stopChild } from "./child.ts";
import { findWorkerd } from "./installation.ts";
import { type Ports, startWorkerd } from "./start-workerd.ts";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS, DURABLE_OBJECTS } from "./workerd-config.ts";

it("a laptop runs the Worker under the compatibility date, flags and bindings of wrangler.toml", () => {
	const wrangler = unstable_readConfig({ config: join(import.meta.dirname, "../../../wrangler.toml") });
	expect(COMPATIBILITY_DATE).toBe(wrangler.compatibility_date);
	expect(COMPATIBILITY_FLAGS).toEqual(wrangler.compatibility_flags);
	const bindings = wrangler.durable_objects.bindings.map((binding: { name: string; class_name: string }) => [
		binding.name,
		binding.class_name,
	]);
	expect(DURABLE_OBJECTS).toEqual(Object.fromEntries(bindings));
});

/** A Worker with the real one's classes, which tells what it was given. */
const WORKER = `
import { DurableObject } from "cloudflare:workers";
import { where } from "./lib/chunk.js";
class Counter extends DurableObject {
	async fetch() {
		const count = ((await this.ctx.storage.get("count")) ?? 0) + 1;
		await this.ctx.storage.put("count", count);
		return Response.json(count);
	}
}
export { Counter as SessionObject, Counter as ClusterObject, Counter as NamespaceObject, Counter as DispatcherObject, Counter as NodeObject };
export default {
	async fetch(request, env) {
		const url = new URL(request.url);
		if (url.pathname === "/count") return env.SESSION.getByName("one").fetch(request);
		const reached = (fetcher) => fetcher.fetch(url.searchParams.get("url")).then((response) => response.text(), () => "refused");
		if (url.pathname === "/echo") {
			const [client, server] = Object.values(new WebSocketPair());
			server.accept();
			server.addEventListener("message", ({ data }) => server.send("echo " + data));
			return new Response(null, { status: 101, webSocket: client, headers: { "Sec-WebSocket-Protocol": request.headers.get("Sec-WebSocket-Protocol") } });
		}
		if (url.pathname === "/stream") {
			const { readable, writable } = new TransformStream();
			writable.getWriter().write(new TextEncoder().encode("first piece"));
			return new Response(readable);
		}
		if (url.pathname === "/store") return Response.json((await env.WORKSPACES_DISK.fetch("http://disk/a/b", { method: "PUT", body: "kept" })).status);
		if (url.pathname === "/fetch") return Response.json({ model: await reached(globalThis), tool: await reached(env.OUTBOUND) });
		return Response.json({ where, secret: env.SECRET });
	},
};
`;

describe("workerd", { timeout: 20_000 }, () => {
	let dir: string;
	let local: Server;
	let stop: (() => Promise<void>)[] = [];
	let certificates: Certificates;
	beforeEach(async () => {
		dir = mkdtempSync(join(tmpdir(), "klaw-workerd-"));
		certificates = await loadCertificates(join(dir, "tls"), ["localhost", "127.0.0.1"]);
		local = createServer((_, response) => response.end("here")).listen(0, "127.0.0.1");
		await new Promise((resolve) => local.once("listening", resolve));
	});
	afterEach(async () => {
		for (const end of stop) await end();
		stop = [];
		local.close();
		rmSync(dir, { recursive: true, force: true });
	});

	async function start(more: { allowLocalNetwork?: boolean; variables?: Record<string, string>; ports?: Ports } = {}) {
		mkdirSync(join(dir, "worker", "lib"), { recursive: true });
		writeFileSync(join(dir, "worker", "worker.js"), WORKER);
		writeFileSync(join(dir, "worker", "lib", "chunk.js"), 'export const where = "in a chunk";');
		const child = await startWorkerd({
			installation: { worker: join(dir, "worker"), workerd: findWorkerd() },
			dataDir: dir,
			runDir: dir,
			logFile: join(dir, "workerd.log"),
			host: "127.0.0.1",
			ports: { http: 0, https: 0 },
			keypair: certificates.server,
			variables: {},
			allowLocalNetwork: false,
			...more,
		});
		stop.push(() => stopChild(child, 200));
		const get = async (path: string) => (await fetch(`http://127.0.0.1:${child.ports.http}${path}`)).json();
		return { child, get };
	}

	it("gets every variable as it is, whatever characters it has, and modules of every directory", async () => {
		const secret = `"quotes" \\ back\\x41slash 'é 日本 🎉'\n\ttab ); (name = "evil", text = "x`;
		const { get } = await start({ variables: { SECRET: secret } });
		expect(await get("/")).toEqual({ where: "in a chunk", secret });
	});

	it.runIf(process.platform === "linux")(
		"keeps secrets out of its arguments and environment, and leaves no configuration behind",
		async () => {
			const { child } = await start({ variables: { SECRET: "canary-5d41" } });
			const seen = ["cmdline", "environ"].map((name) => readFileSync(`/proc/${child.pid}/${name}`, "utf8"));
			expect(seen.join()).not.toContain("canary-5d41");
			expect(statSync(join(dir, "workerd.capnp"), { throwIfNoEntry: false })).toBeUndefined();
		},
	);

	it("lets models reach this machine, and tools only when the local network is allowed", async () => {
		const address = local.address();
		const url = `/fetch?url=http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
		expect(await (await start()).get(url)).toEqual({ model: "here", tool: "refused" });
		expect(await (await start({ allowLocalNetwork: true })).get(url)).toEqual({ model: "here", tool: "here" });
	});

	it("stores workspaces in a directory of their own", async () => {
		const { get } = await start();
		expect(await get("/store")).toBe(204);
		expect(readFileSync(join(dir, "checkpoints/a/b"), "utf8")).toBe("kept");
	});

	it("keeps the state of Durable Objects over a kill -9", async () => {
		const { child, get } = await start();
		expect(await get("/count")).toBe(1);
		child.kill("SIGKILL");
		expect(await child.ended).toBe("SIGKILL");
		expect(await (await start()).get("/count")).toBe(2);
	});

	it("serves the same over HTTPS, with streams that come as they are written and WebSockets", async () => {
		const { child } = await start({ variables: { SECRET: "s" } });
		const url = `https://127.0.0.1:${child.ports.https}`;
		const tls = { ca: certificates.ca };
		expect(JSON.parse(await textOf(await httpRequest(url, { tls })))).toEqual({ where: "in a chunk", secret: "s" });

		for await (const piece of await httpRequest(`${url}/stream`, { tls })) {
			expect(String(piece)).toBe("first piece");
			break;
		}

		const socket = new WebSocket(`${url}/echo`, "v5.channel.k8s.io", { ca: certificates.ca });
		const said = await new Promise((resolve, reject) => {
			socket.on("open", () => socket.send("hello"));
			socket.on("message", (data) => resolve(String(data)));
			socket.on("error", reject);
		});
		expect([said, socket.protocol]).toEqual(["echo hello", "v5.channel.k8s.io"]);
		socket.terminate();
	});

	it("that cannot start is reported with what it said", async () => {
		const { child } = await start();
		await expect(start({ ports: child.ports })).rejects.toThrow(/workerd could not start[\s\S]*Address already in use/);
	});
});
