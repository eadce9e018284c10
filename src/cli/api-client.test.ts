import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeApiServer } from "../../test/fakes/api-server.ts";
import { ApiClient } from "./api-client.ts";
import { loadCertificates } from "./up/certificates.ts";

describe("the client", () => {
	let server: FakeApiServer;
	beforeEach(async () => {
		server = new FakeApiServer();
		await server.listen();
		server.answer(() => ({ json: {} }));
	});
	afterEach(() => server.close());

	it("acts as somebody else with the headers of Kubernetes", async () => {
		const as = { user: "jane", groups: ["dev", "ops"], uid: "7" };
		await new ApiClient({ server: server.url, token: "t", namespace: "default", source: "a test", as }).json("/");
		expect(server.requests[0]?.headers).toMatchObject({
			authorization: "Bearer t",
			"impersonate-user": "jane",
			"impersonate-group": "dev, ops",
			"impersonate-uid": "7",
		});
	});

	it("sends a body as JSON of the media type that was asked for", async () => {
		const client = new ApiClient({ server: server.url, token: "t", namespace: "default", source: "a test" });
		await client.json("/", { method: "PATCH", body: { a: 1 }, headers: { "Content-Type": "application/merge-patch+json" } });
		expect(server.requests[0]).toMatchObject({
			method: "PATCH",
			body: { a: 1 },
			headers: { "content-type": "application/merge-patch+json" },
		});
	});

	it("gives up at the time limit that the user set", async () => {
		server.answer(() => ({ stream: [], end: "hold" }));
		const client = new ApiClient({ server: server.url, token: "t", namespace: "default", source: "a test", requestTimeoutMs: 50 });
		await expect(client.json("/")).rejects.toThrow(`The server ${server.url} did not answer within 0.05 s.`);
	});
});

describe("over HTTPS", () => {
	let server: Server;
	let dir: string;
	let ca: string;
	let url: string;
	beforeEach(async () => {
		dir = mkdtempSync(join(tmpdir(), "klaw-client-"));
		const certificates = await loadCertificates(dir, ["localhost"]);
		ca = certificates.ca;
		server = createServer({ cert: certificates.server.cert, key: certificates.server.key }, (_, response) => {
			response.setHeader("Warning", ['299 - "unknown field \\"spec.x\\""', '299 - "old, and going"']);
			response.end("{}");
		}).listen(0);
		await new Promise((resolve) => server.once("listening", resolve));
		const address = server.address();
		url = `https://localhost:${typeof address === "object" ? address?.port : 0}`;
	});
	afterEach(async () => {
		server.closeAllConnections();
		server.close();
		rmSync(dir, { recursive: true, force: true });
	});

	it("tells each warning of the server once", async () => {
		const warnings: string[] = [];
		const client = new ApiClient({ server: url, token: "t", namespace: "default", source: "a test", tls: { ca } }, (text) =>
			warnings.push(text),
		);
		await client.json("/");
		await client.json("/");
		expect(warnings).toEqual(['unknown field "spec.x"', "old, and going"]);
	});

	it("a certificate of a stranger is refused, with what to do", async () => {
		const client = new ApiClient({ server: url, token: "t", namespace: "default", source: "a test" });
		await expect(client.json("/")).rejects.toThrow(
			`The certificate of the server ${url} is of an authority that is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE). Name its certificate as certificate-authority`,
		);
	});
});
