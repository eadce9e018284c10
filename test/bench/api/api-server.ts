import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Klaw } from "../../e2e/klaw-process.ts";
import { NAMESPACE } from "./agents.ts";
import { ApiClient } from "./api-client.ts";

/** `klaw up` in an empty directory with a namespace for the bench, as a server of the API and nothing else. */
export class ApiServer {
	readonly klaw: Klaw;

	private constructor(klaw: Klaw) {
		this.klaw = klaw;
	}

	/** Lends a server to `work` and removes it. */
	static async with<T>(work: (server: ApiServer) => Promise<T>): Promise<T> {
		const klaw = await Klaw.start();
		try {
			const server = new ApiServer(klaw);
			const client = await server.client();
			await client.post("/api/v1/namespaces", { metadata: { name: NAMESPACE } });
			client.close();
			return await work(server);
		} finally {
			await klaw.remove();
		}
	}

	/** With the admin token. */
	async client(connections = 1): Promise<ApiClient> {
		return new ApiClient(this.klaw, await this.klaw.token(), connections);
	}

	/** The same state in a new workerd: nothing is left in memory of what was done. */
	async restart(): Promise<void> {
		await this.klaw.stop();
		await this.klaw.start();
	}

	/** Process id of workerd. */
	async workerd(): Promise<number> {
		const children: { name: string; pid: number }[] = JSON.parse(await readFile(join(this.klaw.data, "run", "children.json"), "utf8"));
		const child = children.find(({ name }) => name === "workerd");
		if (!child) throw new Error("klaw up has written down no process id of workerd.");
		return child.pid;
	}
}
