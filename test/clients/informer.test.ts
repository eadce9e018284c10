import {
	CustomObjectsApi,
	type Informer,
	type KubeConfig,
	type KubernetesListObject,
	type KubernetesObject,
	makeInformer,
	type ObjectCache,
	Watch,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Json, Klaw, until } from "../e2e/klaw-process.ts";
import { kubeConfig, withUser } from "./connect.ts";
import { CuttableProxy } from "./cuttable-proxy.ts";

const AGENTS = { group: "klaw.sh", version: "v1", plural: "agents" };

let klaw: Klaw;
let direct: KubeConfig;
let agents: CustomObjectsApi;

beforeAll(async () => {
	klaw = await Klaw.start();
	direct = kubeConfig(klaw);
	agents = direct.makeApiClient(CustomObjectsApi);
	for (const name of ["one", "two"]) await klaw.api("POST", "/api/v1/namespaces", { metadata: { name } });
});
afterAll(() => klaw?.remove());

const inNamespace = (namespace: string) => ({ ...AGENTS, namespace });
const create = (namespace: string, name: string, labels = {}): Promise<Json> =>
	agents.createNamespacedCustomObject({
		...inNamespace(namespace),
		body: { apiVersion: "klaw.sh/v1", kind: "Agent", metadata: { name, labels } },
	});
const remove = (namespace: string, name: string) => agents.deleteNamespacedCustomObject({ ...inNamespace(namespace), name });
const relabel = (namespace: string, name: string, value: string) =>
	klaw.api(
		"PATCH",
		`/apis/klaw.sh/v1/namespaces/${namespace}/agents/${name}`,
		{ metadata: { labels: { value } } },
		{ "Content-Type": "application/merge-patch+json" },
	);

/** `namespace/name resourceVersion` of each, in order. */
const states = (objects: readonly KubernetesObject[]) =>
	objects.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name} ${metadata?.resourceVersion}`).sort();

/** An informer over a connection that can be cut, and a record of all that it has told. */
class Following {
	readonly informer: Informer<KubernetesObject> & ObjectCache<KubernetesObject>;
	readonly proxy: CuttableProxy;
	readonly problems: string[] = [];
	lists = 0;
	readonly #told = new Map<string, KubernetesObject>();
	#stopped = false;

	private constructor(proxy: CuttableProxy, path: string, list: (config: KubeConfig) => Promise<KubernetesListObject<KubernetesObject>>) {
		this.proxy = proxy;
		const config = withUser(direct, { token: direct.getCurrentUser()?.token ?? "" }, `https://127.0.0.1:${proxy.port}`);
		this.informer = makeInformer(config, path, () => {
			this.lists++;
			return list(config);
		});
		this.informer.on("add", (object) => this.#tell("add", object));
		this.informer.on("update", (object) => this.#tell("update", object));
		this.informer.on("delete", (object) => this.#tell("delete", object));
		// As its documentation says: who uses an informer starts it again when it fails.
		this.informer.on("error", () => void this.#again());
	}

	static async start(path: string, list: (config: KubeConfig) => Promise<KubernetesListObject<KubernetesObject>>): Promise<Following> {
		const following = new Following(await CuttableProxy.start(klaw.httpsPort), path, list);
		await following.informer.start();
		return following;
	}

	/** What somebody knows who has only listened. */
	get told(): string[] {
		return states([...this.#told.values()]);
	}

	get known(): string[] {
		return states(this.informer.list());
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		await this.informer.stop();
		await this.proxy.cut();
	}

	/** After a pause: while there is no connection each start fails at once. */
	async #again(): Promise<void> {
		await new Promise((resolve) => setTimeout(resolve, 100));
		if (!this.#stopped) await this.informer.start();
	}

	/** Whoever listens is never told of what they know already, nor of the end of what they do not know. */
	#tell(what: "add" | "update" | "delete", object: KubernetesObject): void {
		const uid = object.metadata?.uid ?? "";
		if (this.#told.has(uid) === (what === "add")) this.problems.push(`${what} of ${object.metadata?.name}`);
		if (what === "delete") this.#told.delete(uid);
		else this.#told.set(uid, object);
	}
}

/** Both views of a follower become what there is. */
async function expectCaughtUp(following: Following, list: () => Promise<Json>): Promise<void> {
	await until(async () => {
		const now = states((await list()).items).join();
		return following.known.join() === now && following.told.join() === now;
	}, 60_000);
	expect(following.problems).toEqual([]);
}

describe("a watch", () => {
	test("begins with what is there, says where that ends, and goes on from a bookmark", async () => {
		await create("one", "watched");
		const events: Json[] = [];
		const path = "/apis/klaw.sh/v1/namespaces/one/agents";
		const ended = Promise.withResolvers<void>();
		const query = { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: true };
		const controller = await new Watch(direct).watch(
			path,
			query,
			(type, object) => events.push({ type, object }),
			() => ended.resolve(),
		);
		await until(() => events.some(({ type }) => type === "BOOKMARK"), 20_000);
		controller.abort();
		await ended.promise;
		expect(events.filter(({ type }) => type === "ADDED").map(({ object }) => object.metadata.name)).toEqual(["watched"]);
		const bookmark = events.at(-1);
		expect(bookmark).toMatchObject({
			type: "BOOKMARK",
			object: { kind: "Agent", metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
		});

		await relabel("one", "watched", "later");
		const more: Json[] = [];
		const { resourceVersion } = bookmark.object.metadata;
		const again = await new Watch(direct).watch(
			path,
			{ resourceVersion },
			(type, object) => more.push({ type, object }),
			() => undefined,
		);
		await until(() => more.length > 0, 20_000);
		again.abort();
		expect(more[0]).toMatchObject({ type: "MODIFIED", object: { metadata: { name: "watched", labels: { value: "later" } } } });
	});

	test("ends at its time-out with a last bookmark, so that the next one begins there", async () => {
		const { resourceVersion } = ((await agents.listNamespacedCustomObject(inNamespace("two"))) as Json).metadata;
		await klaw.api("POST", "/api/v1/namespaces/two/configmaps", { metadata: { name: "not-watched" } });
		const events: Json[] = [];
		const ended = Promise.withResolvers<unknown>();
		const query = { resourceVersion, allowWatchBookmarks: true, timeoutSeconds: 1 };
		await new Watch(direct).watch(
			"/apis/klaw.sh/v1/namespaces/two/agents",
			query,
			(type, object) => events.push({ type, object }),
			ended.resolve,
		);
		expect(await ended.promise).toBeNull();
		expect(events).toMatchObject([{ type: "BOOKMARK" }]);
		expect(Number(events[0].object.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
	});
});

describe("an informer", () => {
	test("loses and repeats nothing over a broken connection", async () => {
		const list = () => agents.listNamespacedCustomObject(inNamespace("one"));
		const following = await Following.start("/apis/klaw.sh/v1/namespaces/one/agents", (config) =>
			config.makeApiClient(CustomObjectsApi).listNamespacedCustomObject(inNamespace("one")),
		);
		await create("one", "stays");
		await create("one", "goes");
		await expectCaughtUp(following, list);
		const { lists } = following;

		await following.proxy.cut();
		await remove("one", "goes");
		await create("one", "comes");
		await relabel("one", "stays", "changed");
		await create("one", "never-seen");
		await remove("one", "never-seen");
		await following.proxy.open();
		await expectCaughtUp(following, list);
		expect(following.known.join()).toContain("one/comes");
		// It went on where it was: nothing was listed anew.
		expect(following.lists).toBe(lists);
		await following.stop();
	});

	test("loses and repeats nothing when klaw itself is killed and comes back", async () => {
		const list = () => agents.listClusterCustomObject(AGENTS);
		const following = await Following.start("/apis/klaw.sh/v1/agents", (config) =>
			config.makeApiClient(CustomObjectsApi).listClusterCustomObject(AGENTS),
		);
		await create("two", "before");
		await expectCaughtUp(following, list);
		await klaw.kill();
		await klaw.start();
		await remove("two", "before");
		await create("two", "after");
		await expectCaughtUp(following, list);
		await following.stop();
	});

	test("lists anew, and is right again, when what it missed is forgotten", async () => {
		await klaw.api("POST", "/api/v1/namespaces", { metadata: { name: "busy" } });
		const list = () => agents.listNamespacedCustomObject(inNamespace("busy"));
		const path = "/apis/klaw.sh/v1/namespaces/busy/agents";
		const following = await Following.start(path, (config) =>
			config.makeApiClient(CustomObjectsApi).listNamespacedCustomObject(inNamespace("busy")),
		);
		await create("busy", "stays");
		await create("busy", "goes");
		await expectCaughtUp(following, list);
		const { lists } = following;
		const missed = ((await list()) as Json).metadata.resourceVersion;
		const watch = `${path}?watch=true&resourceVersion=${missed}&timeoutSeconds=1`;
		const isForgotten = async () =>
			(await fetch(klaw.url + watch, { headers: { Authorization: `Bearer ${await klaw.token()}` } })).status === 410;

		await following.proxy.cut();
		await remove("busy", "goes");
		await relabel("busy", "stays", "changed");
		const maps = "/api/v1/namespaces/busy/configmaps";
		const filler = { metadata: { generateName: "filler-" }, data: { text: "x".repeat(2_000) } };
		while (!(await isForgotten())) {
			await Promise.all(Array.from({ length: 256 }, () => klaw.api("POST", maps, filler)));
			await klaw.api("DELETE", maps);
		}
		await following.proxy.open();
		await expectCaughtUp(following, list);
		expect(following.lists).toBeGreaterThan(lists);
		await create("busy", "comes");
		await expectCaughtUp(following, list);
		await following.stop();
	}, 400_000);
});
