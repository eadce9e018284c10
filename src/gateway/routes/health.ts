import { Hono } from "hono";
import type { GatewayEnv } from "../context.ts";
import { VERSION } from "../version.ts";

/** What anyone may ask. */
export const health = new Hono<GatewayEnv>();

health.get("/healthz", (c) => c.text("ok"));

health.get("/version", (c) => {
	const [major, minor] = VERSION.split(".");
	return c.json({ major, minor, gitVersion: `v${VERSION}`, platform: "cloudflare/workers" });
});
