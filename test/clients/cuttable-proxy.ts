import { connect, createServer, type Server, type Socket } from "node:net";

/** Passes TCP connections on to a port of this machine until they are cut. */
export class CuttableProxy {
	readonly #server: Server;
	readonly #sockets = new Set<Socket>();

	private constructor(to: number) {
		this.#server = createServer((near) => {
			const far = connect(to, "127.0.0.1");
			for (const [socket, other] of [
				[near, far],
				[far, near],
			] as const) {
				this.#sockets.add(socket);
				socket.on("error", () => other.destroy());
				socket.on("close", () => {
					this.#sockets.delete(socket);
					other.destroy();
				});
			}
			near.pipe(far).pipe(near);
		});
	}

	static async start(to: number): Promise<CuttableProxy> {
		const proxy = new CuttableProxy(to);
		await proxy.open();
		return proxy;
	}

	#port = 0;

	get port(): number {
		return this.#port;
	}

	/** Takes connections (again). */
	async open(): Promise<void> {
		await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
		const address = this.#server.address();
		if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
		this.#port = address.port;
	}

	/** Ends every connection, without a word, and takes no more. */
	async cut(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		for (const socket of this.#sockets) socket.resetAndDestroy();
		await closed;
	}
}
