import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** What waits for machines to be taken for lost, or has many of them. */
const MACHINES = [
	"test/e2e/{bad-machines,checkpoints,fifty-sessions,joining,node-link,node-loss,shell-left-open,workspace-survives}.test.ts",
	"test/guarantees/{03-machines-killed-at-random-moments,22-drain}.test.ts",
	"containers/node/{crash,hostile-commands}.test.ts",
];

/** What takes long and tells less about a change than the others: guarantees in full, every command of the docs, installing. */
const LONG = ["test/long/**/*.test.ts", "test/e2e/{dispatch-survives,docs,npx,prepare,readme}.test.ts"];

/** On a machine that has more to do than this, an answer takes its time. */
const PATIENT = { expect: { poll: { timeout: 10_000 } } };

/** What computes: a worker for each processor. Vitest itself would leave one free, which of two is half the machine. */
const COMPUTES = { ...PATIENT, maxWorkers: "100%", sequence: { groupOrder: 1 }, testTimeout: 30_000 };

/** What mostly waits for processes: there may be more of them than processors. */
const WAITS = { ...PATIENT, maxWorkers: 3, sequence: { groupOrder: 2 }, testTimeout: 120_000, hookTimeout: 120_000 };

/**
 * `npm test` runs three: unit (pure code and the node runtime, in Node), workers (Durable Object shells, in workerd) and e2e (the
 * real thing, as processes, and the guarantees). The others have a command each, `npm run test:NAME`. long: guarantees again, with
 * the numbers that they were promised with, and every command of the docs. machines: several nodes as processes, which are killed. containers: real ones.
 * conformance: clients that nobody here wrote.
 */
export default defineConfig({
	test: {
		projects: [
			{
				test: {
					...COMPUTES,
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
					...COMPUTES,
					name: "workers",
					include: ["**/*.workers.test.ts"],
					exclude: ["node_modules/**"],
					// The first request compiles the Worker.
					hookTimeout: 60_000,
				},
			},
			{
				test: {
					...WAITS,
					name: "e2e",
					include: ["test/{e2e,guarantees}/**/*.test.ts"],
					exclude: ["**/*.workers.test.ts", ...MACHINES, ...LONG],
					globalSetup: ["test/kubectl-setup.ts"],
				},
			},
			{
				test: {
					...WAITS,
					name: "long",
					include: LONG,
					globalSetup: ["test/kubectl-setup.ts"],
				},
			},
			{
				test: {
					...WAITS,
					name: "machines",
					include: MACHINES,
					globalSetup: ["test/kubectl-setup.ts"],
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
					...WAITS,
					name: "conformance",
					include: ["test/{conformance,clients}/**/*.test.ts"],
					globalSetup: ["test/kubectl-setup.ts"],
				},
			},
		],
	},
});
