import { expect, it } from "vitest";
import { byteSize } from "./byte-size.ts";

it.each([
	[0, "0"],
	[1023, "1023"],
	[1024, "1Ki"],
	[1536, "1.5Ki"],
	[10 * 1024 - 1, "10Ki"],
	[1024 * 1024 - 1, "1Mi"],
	[20_000_000, "19Mi"],
	[5 * 2 ** 30, "5Gi"],
	[2 ** 62, "4096Pi"],
])("%i bytes are %s", (bytes, text) => {
	expect(byteSize(bytes)).toBe(text);
});
