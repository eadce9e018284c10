import { describe, expect, it } from "vitest";
import type { ToServer } from "../protocol.ts";
import { until } from "../testing/running-node.ts";
import { BlobError } from "./blob-client.ts";
import { type BlobUser, LinkBlobs } from "./link-blobs.ts";
import { BLOB_LIMIT_BYTES, type BlobHeader, decodeBlob, encodeBlob } from "./protocol.ts";
import { nameOf } from "./stored-bytes.ts";

const TIMING = { blobAnswerMs: 10_000, blobRetryFirstMs: 1, blobRetryMaxMs: 5 };

type Asked = BlobHeader | Extract<ToServer, { type: "blob-get" }>;

/** The node's end of a link on which a test answers. */
function link(timing: Partial<typeof TIMING> = {}) {
	const asked: Asked[] = [];
	const failures: string[] = [];
	const stop = new AbortController();
	const blobs = new LinkBlobs({
		send: (frame) => {
			if (frame.type === "blob-get") asked.push(frame);
		},
		sendData: (bytes) => {
			const data = decodeBlob(bytes);
			if (data) asked.push(data.header);
		},
		incarnation: () => 3,
		timing: { ...TIMING, ...timing },
		random: () => 0.5,
	});
	const user: BlobUser = { session: "default/s", workspace: "w", signal: stop.signal, failed: (message) => failures.push(message) };
	const head = (index: number) => ({ v: 1, id: asked[index]?.id ?? "", incarnation: 3 });
	return {
		...{ asked, failures, stop, blobs, client: blobs.client(user) },
		stored: (index: number) => blobs.receive({ ...head(index), type: "blob-stored" }),
		failed: (index: number, message: string, final = false) => blobs.receive({ ...head(index), type: "blob-failed", message, final }),
		found: (index: number, bytes: Uint8Array) => {
			const question = asked[index];
			if (question) blobs.receiveData(encodeBlob({ ...question, type: "blob" }, bytes));
		},
		asks: (count: number) => until(() => asked.length >= count),
	};
}

const BYTES = Buffer.from("stored bytes");
const NAME = nameOf(BYTES);

it("puts two large things at once, and small ones beside them: what is on its way stands before all else that the node says", async () => {
	const { client, asked, asks, stored } = link();
	const large = [1, 2, 3].map((fill) => Buffer.alloc(BLOB_LIMIT_BYTES, fill));
	const puts = large.map((bytes) => client.put("blob", bytes));
	const small = client.put("blob", BYTES);
	await asks(3);
	const names = () => asked.map(({ name }) => name);
	const [one = "", two = "", three = ""] = large.map(nameOf);
	expect(names().toSorted()).toEqual([one, two, NAME].toSorted());
	stored(names().indexOf(NAME));
	await small;
	expect(asked).toHaveLength(3);
	stored(names().indexOf(one));
	await asks(4);
	expect(names()[3]).toBe(three);
	for (const name of [two, three]) stored(names().indexOf(name));
	expect(await Promise.all(puts)).toEqual([one, two, three]);
});

describe("a node and the store", () => {
	it("puts under the name of the bytes, and is told when they are stored", async () => {
		const { client, asked, asks, stored } = link();
		const put = client.put("blob", BYTES);
		await asks(1);
		expect(asked[0]).toEqual({
			v: 1,
			id: expect.any(String),
			incarnation: 3,
			type: "blob-put",
			session: "default/s",
			workspace: "w",
			kind: "blob",
			name: NAME,
		});
		stored(0);
		expect(await put).toBe(NAME);
	});

	it("matches answers by their id, in whatever order they come", async () => {
		const { client, asks, found } = link();
		const other = Buffer.from("other");
		const gets = [client.get("blob", NAME), client.get("manifest", nameOf(other))];
		await asks(2);
		found(1, other);
		found(0, BYTES);
		expect((await Promise.all(gets)).map((bytes) => Buffer.from(bytes).toString())).toEqual(["stored bytes", "other"]);
	});

	it("has four questions under way at most", async () => {
		const { client, asked, asks, stored } = link();
		const puts = Array.from({ length: 10 }, (_, index) => client.put("blob", Buffer.from(`${index}`)));
		for (let answered = 0; answered < 10; answered++) {
			await asks(Math.min(10, answered + 4));
			expect(asked.length).toBeLessThanOrEqual(answered + 4);
			stored(answered);
		}
		await Promise.all(puts);
	});

	it("asks again for as long as it fails, and says each time why", async () => {
		const { client, asks, failed, stored, failures } = link();
		const put = client.put("blob", BYTES);
		for (let index = 0; index < 20; index++) {
			await asks(index + 1);
			failed(index, `Failure ${index}.`);
		}
		await asks(21);
		stored(20);
		expect(await put).toBe(NAME);
		expect(failures).toEqual(Array.from({ length: 20 }, (_, index) => `Failure ${index}.`));
	});

	it("asks again when there is no answer", async () => {
		const { client, asks, stored, failures } = link({ blobAnswerMs: 20 });
		const put = client.put("blob", BYTES);
		await asks(2);
		stored(1);
		await put;
		expect(failures[0]).toBe("The server did not answer for 0.02 s.");
	});

	it("sends again what was under way when there is a connection again", async () => {
		const { client, blobs, asked, asks, stored } = link();
		const put = client.put("blob", BYTES);
		await asks(1);
		blobs.connected();
		await asks(2);
		expect(asked[1]).toEqual(asked[0]);
		stored(1);
		await put;
	});

	it("does not wait for its next try when there is a connection again", async () => {
		const { client, blobs, asks, failed, stored, failures } = link({ blobRetryFirstMs: 1e6, blobRetryMaxMs: 1e6 });
		const put = client.put("blob", BYTES);
		await asks(1);
		failed(0, "No.");
		await until(() => failures.length === 1);
		await new Promise(setImmediate);
		blobs.connected();
		await asks(2);
		stored(1);
		await put;
	});

	it("gives up what will never be, with the server's sentence", async () => {
		const { client, asks, failed, failures } = link();
		const get = client.get("manifest", NAME);
		await asks(1);
		failed(0, "There is no such manifest.", true);
		await expect(get).rejects.toThrow(new BlobError("There is no such manifest.", true));
		expect(failures).toEqual([]);
	});

	it("does not take bytes that do not match their name, and gives them up in the end", async () => {
		const { client, asks, found, failures } = link();
		const get = client.get("blob", NAME);
		get.catch(() => undefined);
		for (let index = 0; index < 3; index++) {
			await asks(index + 1);
			found(index, Buffer.from("tampered"));
		}
		await expect(get).rejects.toThrow(`The blob ${NAME} is damaged: its bytes do not match its name.`);
		expect(failures).toHaveLength(2);
	});

	it("refuses more than can be stored before it is sent", async () => {
		const { client, asked } = link();
		await expect(client.put("blob", Buffer.alloc(BLOB_LIMIT_BYTES + 1))).rejects.toThrow("more than can be stored");
		expect(asked).toEqual([]);
	});

	it.each(["a question", "a pause", "a slot"])("stops waiting for %s when nobody wants it any more", async (what) => {
		const { client, asks, failed, stop, failures } = link({ blobRetryFirstMs: 1e6, blobRetryMaxMs: 1e6 });
		const puts = Array.from({ length: what === "a slot" ? 6 : 1 }, (_, index) => client.put("blob", Buffer.from(`${index}`)));
		await asks(Math.min(4, puts.length));
		if (what === "a pause") {
			failed(0, "No.");
			await until(() => failures.length === 1);
		}
		stop.abort(new Error("enough"));
		for (const put of puts) await expect(put).rejects.toThrow("enough");
		await expect(client.put("blob", BYTES)).rejects.toThrow("enough");
	});

	it("takes no notice of an answer to nothing", () => {
		const { blobs } = link();
		blobs.receive({ v: 1, id: "unknown", incarnation: 3, type: "blob-stored" });
		blobs.receiveData(Buffer.of(2, 0, 0));
		blobs.receiveData(
			encodeBlob({ v: 1, id: "unknown", incarnation: 3, type: "blob", session: "s", workspace: "w", kind: "blob", name: NAME }, BYTES),
		);
	});
});
