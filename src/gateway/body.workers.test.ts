import { expect, test } from "vitest";
import { asServiceAccount, request } from "../../test/fakes/api.ts";

const NAMESPACE = "/apis/klaw.sh/v1/namespaces/default";

test("a body in YAML that would take minutes is refused to whoever sends it", async () => {
	const headers = { ...(await asServiceAccount("default", "nobody")), "Content-Type": "application/yaml" };
	const text = Array.from({ length: 150_000 }, (_, i) => `key${i}: v`).join("\n");
	expect(await request("POST", `${NAMESPACE}/tasks`, text, headers)).toMatchObject({
		code: 413,
		body: { reason: "RequestEntityTooLarge" },
	});
});

test.each(["sessions/x/%6dessages", "sessions/x/messages/", "tasks/x/%63ancel"])(
	"a subresource by another spelling of its path, %s, makes no object",
	async (path) => {
		const answer = await request("POST", `${NAMESPACE}/${path}`, { metadata: { name: "spelled" }, spec: {} });
		expect(answer.code).toBe(404);
		expect((await request("GET", `${NAMESPACE}/sessions/spelled`)).code).toBe(404);
	},
);
