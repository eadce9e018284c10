import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/**
 * unit: pure code and the node runtime, in Node. workers: Durable Object shells, in workerd. e2e: the real thing, as
 * processes, and the guarantees. containers: real ones, `npm run test:containers`. conformance: clients that nobody here wrote, `npm run test:conformance`.
 */
export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["{src,durable-objects,containers}/**/*.test.ts"],
					exclude: ["**/*.workers.test.ts"],
				},
			},
			{
				plugins: [
					cloudflareTest({
						wrangler: { configPath: "./wrangler.toml" },
						remoteBindings: false,
						miniflare: { bindings: { KLAW_ADMIN_TOKEN: "test-admin-token" } },
					}),
				],
				test: {
					name: "workers",
					include: ["**/*.workers.test.ts"],
					exclude: ["node_modules/**"],
					testTimeout: 30_000,
					// The first request compiles the Worker.
					hookTimeout: 60_000,
				},
			},
			{
				test: {
					name: "e2e",
					// They mostly wait for processes, so there may be more of them than cores.
					maxWorkers: 3,
					include: ["test/{e2e,guarantees}/**/*.test.ts"],
					exclude: ["**/*.workers.test.ts"],
					globalSetup: ["test/kubectl-setup.ts"],
					testTimeout: 120_000,
					hookTimeout: 120_000,
				},
			},
			{
				test: {
					name: "containers",
					// One engine, and containers that take the whole machine.
					maxWorkers: 1,
					include: ["test/containers/**/*.test.ts"],
					testTimeout: 300_000,
					hookTimeout: 300_000,
				},
			},
			{
				test: {
					name: "conformance",
					maxWorkers: 3,
					include: ["test/{conformance,clients}/**/*.test.ts"],
					globalSetup: ["test/kubectl-setup.ts"],
					testTimeout: 120_000,
					hookTimeout: 120_000,
				},
			},
		],
	},
});
