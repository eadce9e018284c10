/**
 * What a tool is. A tool is one file here and one line in `registry.ts`; a tool that runs on a node also has its
 * execution in `containers/node/tools/`.
 */
import * as z from "zod";
import type { ModelTool } from "../models/port.ts";

export interface ToolOutcome {
	content: string;
	isError: boolean;
}

/** What a tool that runs in the Worker is given. Everything outside goes through `fetch`, the outbound guard. */
export interface ToolContext {
	fetch: (url: string, init?: RequestInit) => Promise<Response>;
	signal: AbortSignal;
}

interface ToolBase<S extends z.ZodObject> {
	/** As the model calls it. */
	name: string;
	/** What the model reads. */
	description: string;
	parameters: S;
	/** Running it twice is as good as once, so an interrupted call is simply repeated. */
	idempotent: boolean;
	/** How long a call with these arguments may take, in milliseconds. */
	timeoutMs(args: z.output<S>): number;
}

export interface NodeTool<S extends z.ZodObject = z.ZodObject> extends ToolBase<S> {
	runsOn: "node";
}

export interface WorkerTool<S extends z.ZodObject = z.ZodObject> extends ToolBase<S> {
	runsOn: "worker";
	run(args: z.output<S>, context: ToolContext): Promise<ToolOutcome>;
}

// The registry is heterogeneous: each tool keeps its own argument type inside, callers see checked plain objects.
// biome-ignore lint/suspicious/noExplicitAny: existential type; `parseArguments` is the only way in.
export type Tool = NodeTool<any> | WorkerTool<any>;

export function nodeTool<S extends z.ZodObject>(tool: Omit<NodeTool<S>, "runsOn">): NodeTool<S> {
	return { ...tool, runsOn: "node" };
}

export function workerTool<S extends z.ZodObject>(tool: Omit<WorkerTool<S>, "runsOn">): WorkerTool<S> {
	return { ...tool, runsOn: "worker" };
}

/** The tool as a model provider sends it. */
export function modelTool(tool: Tool): ModelTool {
	const { $schema: _, ...parameters } = z.toJSONSchema(tool.parameters, { io: "input" });
	return { name: tool.name, description: tool.description, parameters };
}

export type ParsedArguments = { ok: true; arguments: Record<string, unknown> } | { ok: false; message: string };

/** Checks what the model wrote. The message is for the model, so that it can try again. */
export function parseArguments(tool: Tool, raw: string): ParsedArguments {
	let json: unknown;
	try {
		json = raw.trim() === "" ? {} : JSON.parse(raw);
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		return { ok: false, message: `The arguments of ${tool.name} are not valid JSON (${why}). Call it again with one JSON object.` };
	}
	const parsed = tool.parameters.safeParse(json);
	if (parsed.success) return { ok: true, arguments: parsed.data as Record<string, unknown> };
	return { ok: false, message: `The arguments of ${tool.name} are wrong. Mend this and call it again:\n${z.prettifyError(parsed.error)}` };
}
