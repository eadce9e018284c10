import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { R2Blobs } from "./r2-blobs.ts";
import { storeContract } from "./testing/store-contract.ts";

function bucket(): R2Bucket {
	if (!env.WORKSPACES) throw new Error("wrangler.toml binds no bucket as WORKSPACES");
	return env.WORKSPACES;
}

storeContract("a bucket", () => new R2Blobs(bucket()));

describe("a bucket that fails", () => {
	it("is named in a sentence with what it said", async () => {
		// R2 refuses keys of more than 1,024 bytes.
		const put = new R2Blobs(bucket()).put("k".repeat(1025), new Uint8Array(1));
		await expect(put).rejects.toThrow(/^The bucket of the workspaces \(R2\) could not write: .*not valid/);
	});
});
