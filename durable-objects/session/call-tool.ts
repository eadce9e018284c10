import type { Tool, ToolContext, ToolOutcome } from "../../src/tools/tool.ts";

/** Runs a tool of the Worker. It never throws: the model reads what went wrong. */
export async function callTool(
	tool: Tool | undefined,
	args: Record<string, unknown>,
	timeoutMs: number,
	context: ToolContext,
): Promise<ToolOutcome> {
	if (tool?.runsOn !== "worker") return { content: "This tool does not run here.", isError: true };
	const timeout = new AbortController();
	const timer = setTimeout(() => timeout.abort(), timeoutMs);
	const signal = AbortSignal.any([context.signal, timeout.signal]);
	try {
		return await Promise.race([tool.run(args, { ...context, signal }), aborted(signal)]);
	} catch (error) {
		if (timeout.signal.aborted)
			return { content: `${tool.name} took longer than ${Math.round(timeoutMs / 1000)} s and was stopped.`, isError: true };
		return { content: error instanceof Error ? error.message : String(error), isError: true };
	} finally {
		clearTimeout(timer);
	}
}

function aborted(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		if (signal.aborted) reject(signal.reason);
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
}
