import { type Context, Hono } from "hono";
import type { GatewayEnv } from "../context.ts";
import { VERSION_INFO } from "../version.ts";

/** What anyone may ask. */
export const health = new Hono<GatewayEnv>();

for (const check of ["healthz", "livez", "readyz"]) health.get(`/${check}`, (c) => healthy(c, check));

health.get("/version", (c) => c.json(VERSION_INFO));

/** A Worker that answers is well: what it depends on says so itself, with the requests that need it. */
function healthy(c: Context, check: string): Response {
	return c.text(c.req.query("verbose") === undefined ? "ok" : `[+]ping ok\n${check} check passed\n`);
}
