import { decodeMergedVersion, type MergedVersion } from "../../api/merged-version.ts";
import { ApiError, failure, type Status } from "../../api/status.ts";
import type { WatchEvent } from "../../api/watch-event.ts";
import type { WatchOptions } from "../options/watch-options.ts";
import { MergedStream, type NamespaceStream } from "./merged-stream.ts";
import { statusOf } from "./status-of.ts";
import { WatchMerge } from "./watch-merge.ts";

/** What a watch of all namespaces is made of. */
export interface WatchSources {
	/** The namespaces that there are. */
	names: readonly string[];
	/** Those that are there and that come and go: a watch of Namespace objects. */
	changes(): Promise<Response>;
	/** A watch of one namespace. */
	open(namespace: string, watch: WatchOptions): Promise<Response>;
	/** An event as the client wants it, as one line. */
	line(event: WatchEvent): string;
}

/**
 * One stream of JSON lines of what happens in all namespaces, also in those that come later. It ends when one of its
 * streams does, or when the client goes.
 *
 * @throws ApiError with what the namespaces refuse the watch for
 */
export async function mergedWatch(sources: WatchSources, watch: WatchOptions): Promise<ReadableStream<Uint8Array>> {
	const asked = versionsOf(watch);
	if (!asked) return ended(sources, tooOld(watch.resourceVersion ?? ""));
	const { names } = sources;
	const lost = [...asked.keys()].filter((namespace) => !names.includes(namespace));
	// What was deleted with its namespace nobody can tell any more.
	if (lost.length > 0) return ended(sources, tooOld(watch.resourceVersion ?? ""));
	const changes = await sources.changes();
	const opened = await Promise.all(names.map((name) => opening(name, () => sources.open(name, ofNamespace(watch, asked.get(name))))));
	const streams = opened.filter((stream) => stream.response.status !== 404);
	const refused = streams.find(({ response }) => !response.ok);
	if (refused) {
		const status = await statusOf(refused.response);
		await abandon([...opened.map(({ response }) => response), changes]);
		if (status.code === 410) return ended(sources, status);
		throw new ApiError(status);
	}
	const merge = new WatchMerge(asked, watch.sendInitialEvents ? streams.map(({ namespace }) => namespace) : []);
	return new MergedStream({
		merge,
		line: sources.line,
		bookmarks: watch.allowWatchBookmarks,
		markInitial: watch.sendInitialEvents,
		// A namespace that comes later is new as a whole: everything in it is told.
		open: (name) => sources.open(name, ofNamespace({ ...watch, sendInitialEvents: false }, undefined)),
	}).start(streams, changes);
}

async function opening(namespace: string, open: () => Promise<Response>): Promise<NamespaceStream> {
	return { namespace, response: await open() };
}

/** Nothing, `0`, and what a list of all namespaces answered; a number of one namespace says nothing of the others. */
function versionsOf({ resourceVersion = "0" }: WatchOptions): MergedVersion | undefined {
	return resourceVersion === "0" ? new Map() : decodeMergedVersion(resourceVersion);
}

/** Bookmarks are asked for whatever the client wants: they keep the version of quiet namespaces fresh. */
function ofNamespace({ resourceVersion: _, ...watch }: WatchOptions, version: string | undefined): WatchOptions {
	return { ...watch, allowWatchBookmarks: true, ...(version !== undefined && { resourceVersion: version }) };
}

function tooOld(version: string): Status {
	return failure("Expired", `too old resource version: ${version.slice(0, 100)}`);
}

/** A watch that only says why there is none. */
function ended({ line }: WatchSources, status: Status): ReadableStream<Uint8Array> {
	return new ReadableStream({
		start(controller) {
			controller.enqueue(new TextEncoder().encode(line({ type: "ERROR", status })));
			controller.close();
		},
	});
}

async function abandon(responses: readonly Response[]): Promise<void> {
	await Promise.allSettled(responses.map((response) => (response.bodyUsed ? undefined : response.body?.cancel())));
}
