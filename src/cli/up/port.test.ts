import { createServer, type Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { checkPort, hostOption, portOption } from "./port.ts";

let server: Server | undefined;
afterEach(() => server?.close());

async function takenPort(): Promise<number> {
	server = createServer().listen(0, "127.0.0.1");
	await new Promise((resolve) => server?.once("listening", resolve));
	const address = server.address();
	return typeof address === "object" && address ? address.port : 0;
}

it("a port in use is named, with what to do; once it is free it may be had", async () => {
	const port = await takenPort();
	await expect(checkPort("127.0.0.1", port, "--port")).rejects.toThrow(
		`Port ${port} on 127.0.0.1 is in use by another program. Choose another one with --port`,
	);
	await new Promise((resolve) => server?.close(resolve));
	await checkPort("127.0.0.1", port, "--port");
});

it("an address of another machine is refused", async () => {
	await expect(checkPort("192.0.2.1", 8787, "--port")).rejects.toThrow(
		"192.0.2.1 is not an address of this machine. Choose another one with --host.",
	);
});

it("ports and hosts that are none are refused", () => {
	expect([portOption("0"), portOption("65535"), hostOption("0.0.0.0")]).toEqual([0, 65_535, "0.0.0.0"]);
	for (const port of ["65536", "-1", "http", "", "1.5"]) expect(() => portOption(port)).toThrow("It must be a port");
	for (const host of ["localhost", "::1", "1.2.3"]) expect(() => hostOption(host)).toThrow("It must be an IPv4 address");
});
