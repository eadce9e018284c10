/** Clients that nobody here wrote, connected to a running klaw as its kubeconfig says. */
import { join } from "node:path";
import { ApiException, KubeConfig } from "@kubernetes/client-node";
import { expect } from "vitest";
import type { Json, Klaw } from "../e2e/klaw-process.ts";

/** What a user's tools read: the `https` URL, the authority that it is certified by, and the administrator's token. */
export function kubeConfig(klaw: Klaw): KubeConfig {
	const config = new KubeConfig();
	config.loadFromFile(join(klaw.data, "kubeconfig"));
	return config;
}

/** The same cluster, perhaps by another address, for another user. */
export function withUser(config: KubeConfig, user: { token: string }, server?: string): KubeConfig {
	const cluster = config.getCurrentCluster();
	if (!cluster) throw new Error("The kubeconfig has no current cluster.");
	const other = new KubeConfig();
	other.loadFromClusterAndUser(server === undefined ? cluster : { ...cluster, server }, { name: "other", ...user });
	return other;
}

/** The `Status` that a call was refused with; its code alone where the client keeps no more. @throws Error when it was not */
export async function refusal(call: Promise<unknown>): Promise<Json> {
	const error = await call.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(ApiException);
	if (!(error instanceof ApiException)) throw error;
	// The generated code knows that a 401 may come, and takes nothing from it.
	if (error.body === undefined) return { code: error.code };
	return typeof error.body === "string" ? JSON.parse(error.body) : error.body;
}
