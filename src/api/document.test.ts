import { expect, test } from "vitest";
import { sendDocument, toDocument } from "./document.ts";

const document = toDocument({ a: 1 });

test("a document is sent with its type and an ETag of its text", async () => {
	const response = sendDocument(document, undefined);
	expect(response.status).toBe(200);
	expect(await response.json()).toEqual({ a: 1 });
	expect(response.headers.get("Content-Type")).toBe("application/json");
	// Of `{"a":1}`, by sha256sum.
	expect(response.headers.get("ETag")).toBe('"015ABD7F5CC57A2DD94B7590F04AD8084273905EE33EC5CEBEAE62276A97F862"');
	expect(response.headers.get("Vary")).toBe("Accept");
});

test.each([`"${document.hash}"`, `"old", "${document.hash}"`, `W/"${document.hash}"`, "*"])(
	"a client that has it (%j) is not sent it again",
	async (known) => {
		const response = sendDocument(document, known);
		expect(response.status).toBe(304);
		expect(await response.text()).toBe("");
		expect(response.headers.get("ETag")).toBe(`"${document.hash}"`);
	},
);

test("a client that has another one is sent it", () => {
	expect(sendDocument(document, `"${toDocument({ a: 2 }).hash}"`).status).toBe(200);
});

test("only what never changes may be kept without asking", () => {
	expect(sendDocument(document, undefined).headers.get("Cache-Control")).toBe("private, no-cache");
	expect(sendDocument({ ...document, immutable: true }, undefined).headers.get("Cache-Control")).toContain("immutable");
});
