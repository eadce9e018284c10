import { expect, test } from "vitest";
import { ApiError } from "../status.ts";
import { openApiV2 } from "./openapi-v2.ts";

test("a client that takes protobuf only, as kubectl does, gets a document of version 2.0", async () => {
	const response = openApiV2("application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
	expect(response.headers.get("Content-Type")).toBe("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
	expect(new TextDecoder().decode(await response.arrayBuffer())).toBe("\n\u00032.0");
});

test.each(["application/json", "*/*", undefined])("a client that sends Accept: %s gets JSON", async (accept) => {
	expect(await openApiV2(accept).json()).toMatchObject({ swagger: "2.0", definitions: {} });
});

test("a client that takes neither is refused", () => {
	expect(() => openApiV2("text/html")).toThrow(ApiError);
});
