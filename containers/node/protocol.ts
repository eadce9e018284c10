/**
 * The node protocol: JSON text frames over one WebSocket between a node runtime (which dials in) and its `Node`
 * Durable Object. Every frame carries the protocol version, an id and the node's incarnation; unknown fields and
 * unknown frame types are ignored on both sides, so either side may be newer.
 *
 * Handshake: the runtime sends `hello`, the object answers `welcome` (with the incarnation to use from now on) or
 * `reject`. Then `call`s go down, `output` and `result` come up, and a result is repeated until it is `ack`ed.
 *
 * A person's commands (`exec`) and questions about usage (`stats`) go over the same link. They are no calls: nothing of
 * them is journaled on the node, and they end with the connection. See `exec/protocol.ts` and `stats/protocol.ts`. How a node keeps
 * workspaces is in `checkpoint/protocol.ts`.
 */
import * as z from "zod";
import { checkpointFrames, checkpointSchema, unkeptSchema, workspaceStateSchema } from "./checkpoint/protocol.ts";
import { execFrames } from "./exec/protocol.ts";
import { frame } from "./frame.ts";
import { limitsSchema } from "./sandbox/session-limits.ts";
import { statsFrames } from "./stats/protocol.ts";

export { limitsSchema, type SessionLimits } from "./sandbox/session-limits.ts";

/** Version of the frames in this file. A peer that speaks another major version is told so in a `reject`. */
export const PROTOCOL_VERSION = 1;

/** Heartbeat, answered by the platform without waking the object, so both texts are constants. */
export const PING = '{"v":1,"type":"ping"}';
export const PONG = '{"v":1,"type":"pong"}';
/** How often a runtime sends {@link PING}, and after how long without {@link PONG} it dials again. */
export const HEARTBEAT_MS = 10_000;
export const HEARTBEAT_LOST_MS = 25_000;

/** WebSocket close code after a `reject`; the runtime does not dial again when `retryable` was false. */
export const CLOSE_REJECTED = 4001;
/** WebSocket close code when the same machine dialled in again and this older socket is given up. */
export const CLOSE_REPLACED = 4002;

/** What a machine offers. `cpu` in cores, `memory` and `ephemeralStorage` in bytes, `slots` = sessions at once. */
export const capacitySchema = z.object({
	cpu: z.number().positive().max(65_536),
	memory: z
		.number()
		.int()
		.positive()
		.max(2 ** 50),
	/** Absent (an older node): not limited. */
	ephemeralStorage: z
		.number()
		.int()
		.nonnegative()
		.max(2 ** 60)
		.optional(),
	slots: z.number().int().positive().max(100_000),
});
export type Capacity = z.infer<typeof capacitySchema>;

export const toolResultSchema = z.object({
	/** What the model reads. At most {@link RESULT_LIMIT} characters. */
	content: z.string(),
	isError: z.boolean(),
	durationMs: z.number().nonnegative(),
	/** bash only: the exit code, absent when the command was killed. */
	exitCode: z.number().int().optional(),
	/** Workspace path of the whole output when `content` was cut. */
	outputFile: z.string().optional(),
	/** The node cannot know whether the call took effect (it was running when the machine died). */
	unknown: z.boolean().optional(),
	/** The workspace as this call left it; absent when nothing had changed or nothing could be kept (`content` says so then). */
	checkpoint: checkpointSchema.optional(),
	/** The workspace has changes that are in no checkpoint (it is over its ceiling): it cannot be had elsewhere. */
	uncheckpointed: z.boolean().optional(),
	/** Why it has them. Absent with `uncheckpointed`: an older runtime does not say. */
	unkept: unkeptSchema.optional(),
});
export type NodeToolResult = z.infer<typeof toolResultSchema>;

/** Characters of a tool result that reach the model; more is cut in the middle. */
export const RESULT_LIMIT = 30_000;

export const taintSchema = z.object({
	key: z.string().min(1).max(317),
	value: z.string().max(63).optional(),
	effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});
export type NodeTaint = z.infer<typeof taintSchema>;

/**
 * What runtimes learnt after the first version, as their hello says it: `checkpoints`, to keep workspaces in the store (and
 * to say of a result when it did not); `rest`, to end what runs in a workspace.
 */
export const FEATURES = ["checkpoints", "rest"] as const;
export type Feature = (typeof FEATURES)[number];

export const helloSchema = z.object({
	...frame,
	type: z.literal("hello"),
	node: z.object({
		name: z.string(),
		/** Random identity kept in the runtime's data directory: tells a restart from another machine. */
		uid: z.string(),
		version: z.string(),
		os: z.string(),
		arch: z.string(),
		capacity: capacitySchema,
		/** What the machine was found to have, whatever it offers. Absent: an older runtime. */
		detected: capacitySchema.optional(),
		labels: z.record(z.string(), z.string()).default({}),
		/** Put on the node when it first joins; afterwards people's own count. */
		taints: z.array(taintSchema).default([]),
		/** What sessions are kept apart with: `none`, `user` (a Unix user each), `bubblewrap`. */
		isolation: z.string().optional(),
		osImage: z.string().optional(),
		kernelVersion: z.string().optional(),
		hostname: z.string().optional(),
		addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]),
		/** Differs after each boot of the machine. A machine that was rebooted is another one: what ran on it is gone. */
		bootId: z.string().optional(),
		/** What this runtime can do that older ones cannot: see {@link FEATURES}. Absent: nothing of it. */
		features: z.array(z.string()).optional(),
	}),
	/** Every call in the node's journal that was not yet acknowledged. */
	calls: z.array(z.object({ callId: z.string(), session: z.string(), state: z.enum(["running", "finished"]) })).default([]),
	/**
	 * Commands of people that are being ended, or whose files are being kept, or of whose end the server has not said that it
	 * heard. Absent (an older node): none.
	 */
	execs: z.array(z.string()).optional(),
});
export type Hello = z.infer<typeof helloSchema>;

export const outputSchema = z.object({
	...frame,
	type: z.literal("output"),
	session: z.string(),
	/** Characters of output before this piece; lets a reader drop what it has already shown. */
	offset: z.number().int().nonnegative(),
	text: z.string(),
});

/** `id` is the call id. Repeated (on reconnect and every {@link RESULT_RESEND_MS}) until acknowledged. */
export const resultSchema = z.object({ ...frame, type: z.literal("result"), session: z.string(), result: toolResultSchema });
export const RESULT_RESEND_MS = 5_000;

export const welcomeSchema = z.object({ ...frame, type: z.literal("welcome") });
export const rejectSchema = z.object({
	...frame,
	type: z.literal("reject"),
	code: z.string(),
	message: z.string(),
	retryable: z.boolean(),
});

/**
 * Run a tool. `id` is the call id: asked again, the runtime answers with the running or the finished call and never
 * runs it twice. `session` is `namespace/name`, `workspace` a path-safe directory name.
 */
export const callSchema = z.object({
	...frame,
	type: z.literal("call"),
	session: z.string(),
	workspace: z.string(),
	tool: z.string(),
	arguments: z.record(z.string(), z.unknown()),
	timeoutMs: z.number().int().positive(),
	/** What the workspace is to be when the tool begins. Absent: as it is (an older server). */
	state: workspaceStateSchema.optional(),
	/** What the session may use at most; absent: the node's own default. */
	limits: limitsSchema.optional(),
});
export type CallFrame = z.infer<typeof callSchema>;

/** Kill a running call's process group; its result then says that it was cancelled, and why. */
export const cancelSchema = z.object({ ...frame, type: z.literal("cancel"), session: z.string(), reason: z.string() });
/** The result of call `id` is journaled by its session; the runtime may forget the call after an hour. */
export const ackSchema = z.object({ ...frame, type: z.literal("ack") });
/**
 * A session is deleted, or has its files elsewhere: kill what still runs in its workspace and remove the directory. Said
 * again at each `hello` until it is answered with `forgotten`. `id` is the workspace.
 */
export const forgetSchema = z.object({ ...frame, type: z.literal("forget"), session: z.string(), workspace: z.string() });

/**
 * The lease of a session has ended: kill what still runs in its workspace, and keep the files. What comes for the workspace
 * afterwards begins when that is done. Said again at each `hello` until it is answered with `rested`. `id` is the workspace.
 */
export const restSchema = z.object({ ...frame, type: z.literal("rest"), session: z.string(), workspace: z.string() });

/** Nothing runs in the workspace `id` any more. */
export const restedSchema = z.object({ ...frame, type: z.literal("rested") });

/** The workspace `id` is gone from the node. */
export const forgottenSchema = z.object({ ...frame, type: z.literal("forgotten") });

/** Answers a `cancel` of a call that the node does not have any more, or never had: nothing of it runs. */
export const cancelledSchema = z.object({ ...frame, type: z.literal("cancelled") });

export const toServerSchema = z.discriminatedUnion("type", [
	helloSchema,
	outputSchema,
	resultSchema,
	forgottenSchema,
	restedSchema,
	cancelledSchema,
	execFrames.started,
	execFrames.exit,
	execFrames.credit,
	statsFrames.report,
	checkpointFrames.get,
	checkpointFrames.waiting,
	checkpointFrames.made,
]);
export const toNodeSchema = z.discriminatedUnion("type", [
	welcomeSchema,
	rejectSchema,
	callSchema,
	cancelSchema,
	ackSchema,
	forgetSchema,
	restSchema,
	execFrames.start,
	execFrames.resize,
	execFrames.eof,
	execFrames.stop,
	execFrames.credit,
	statsFrames.ask,
	checkpointFrames.stored,
	checkpointFrames.failed,
]);
export type ToServer = z.infer<typeof toServerSchema>;
export type ToNode = z.infer<typeof toNodeSchema>;

/**
 * Reads one frame. `undefined` means a frame of a type (or shape) that this side does not know: it is ignored.
 *
 * @example const frame = parseFrame(toNodeSchema, text); if (frame?.type === "call") …
 */
export function parseFrame<S extends typeof toServerSchema | typeof toNodeSchema>(schema: S, text: string): z.output<S> | undefined {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return undefined;
	}
	const parsed = schema.safeParse(json);
	return parsed.success ? (parsed.data as z.output<S>) : undefined;
}
