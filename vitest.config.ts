import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** What waits for machines to be taken for lost, or has many of them. */
const MACHINES = [
	"test/e2e/{bad-machines,checkpoints,fifty-sessions,joining,node-link,node-loss,workspace-survives}.test.ts",
	"test/guarantees/{03-machines-killed-at-random-moments,22-drain}.test.ts",
	"containers/node/hostile-commands.test.ts",
];

/**
 * unit: pure code and the node runtime, in Node. workers: Durable Object shells, in workerd. e2e: the real thing, as
 * processes, and the guarantees. machines: several nodes as processes, which are killed, `npm run test:machines`. containers: real ones, `npm run test:containers`. conformance: clients that nobody here wrote, `npm run test:conformance`.
 */
export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["{src,durable-objects,containers}/**/*.test.ts"],
					exclude: ["**/*.workers.test.ts", ...MACHINES],
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
					exclude: ["**/*.workers.test.ts", ...MACHINES],
					globalSetup: ["test/kubectl-setup.ts"],
					testTimeout: 120_000,
					hookTimeout: 120_000,
				},
			},
			{
				test: {
					name: "machines",
					maxWorkers: 3,
					include: MACHINES,
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
