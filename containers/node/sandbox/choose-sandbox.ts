import { execFile } from "node:child_process";
import { accessSync, chmodSync, constants, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { signalUser } from "../process/kill.ts";
import { tasksOf } from "../process/process-table.ts";
import { Accounts } from "./accounts.ts";
import { bubblewrapSandbox } from "./bubblewrap.ts";
import { Cgroups, ownCgroup } from "./cgroups.ts";
import { Crowds } from "./crowds.ts";
import { processLimits } from "./limits.ts";
import type { Places } from "./places.ts";
import { noSandbox, type Sandbox } from "./sandbox.ts";
import { USER_RANGES } from "./unix-users.ts";
import { userSandbox } from "./user.ts";

const run = promisify(execFile);
const PROBE_MS = 10_000;
const OTHERS_ENTER = 0o001;
/** Directories of the data directory in which sessions have one each. */
const SHARED = ["workspaces", "tmp"];
/** Set in the node's image: nobody but the node has accounts on this machine. */
export const OWN_MACHINE = "KLAW_OWN_MACHINE";
/** No safe name, so no session's. */
const PROBE = ".probe";
/** What a session must be able to do. */
const PROBED = 'cd "$1" && : >probe && : >"$TMPDIR/probe"';

export interface Chosen {
	sandbox: Sandbox;
	/** A sentence for the log: what the node has, and what that means. */
	line: string;
}

/**
 * Finds out what can keep the sessions of this node apart, by running something in each kind of sandbox, the best first.
 *
 * @param log of what the sandbox does later
 * @param env its PATH is where programs are looked for; {@link OWN_MACHINE} says that the machine is the node's alone
 * @param places on a node of root's, the modes of the data directory are set so that sessions can reach their own part and nothing else
 */
export async function chooseSandbox(places: Places, log: (line: string) => void, env = process.env): Promise<Chosen> {
	const { PATH: path = "" } = env;
	if (process.platform !== "linux") return none("this system has neither setpriv nor bubblewrap", "the user who runs it");
	const bwrap = find("bwrap", path);
	if (process.getuid?.() !== 0) {
		if (bwrap === undefined) return none("it is not run by root, and bubblewrap is not installed", "the user who runs it");
		const sandbox = bubblewrapSandbox(bwrap, places);
		const failure = await probe(sandbox, places);
		return failure === undefined ? bubblewrapped(sandbox) : none(failure, "the user who runs it");
	}
	const setpriv = find("setpriv", path);
	if (setpriv === undefined) return none("setpriv is not installed (it comes with util-linux)", "root");
	protectData(places.dataDir);
	const closed = closedAbove(places.dataDir) ?? closedAbove(places.workspaces);
	if (closed !== undefined) return none(`only its owner may enter ${closed}; a data directory elsewhere would change that`, "root");
	const accounts = env[OWN_MACHINE] ? new Accounts(log) : undefined;
	let failure: string | undefined;
	for (const range of USER_RANGES) {
		const user = userSandbox({ setpriv, places, range });
		failure = await probe(user, places);
		if (failure !== undefined) continue;
		const own = ownCgroup();
		const cgroups = own === undefined ? undefined : Cgroups.open(own, `klaw-${statSync(places.dataDir).ino}`);
		const limited = userSandbox({ setpriv, places, range, cgroups, crowds: crowdsOf(log), accounts });
		const wrapped = bwrap === undefined ? undefined : bubblewrapSandbox(bwrap, places, limited);
		if (wrapped && (await probe(wrapped, places)) === undefined) return bubblewrapped(wrapped);
		const memory = cgroups ? "in all (cgroup)" : "for each process";
		const line = `Isolation: user. Each session is a Unix user of its own, with a limit on its memory ${memory}. ${ofProcesses()}`;
		return { sandbox: limited, line };
	}
	return none(failure ?? "", "root");
}

/** What only the runtime may read, and what sessions must pass through to what is theirs. For root's nodes. */
export function protectData(dataDir: string): void {
	chmodSync(dataDir, 0o711);
	for (const entry of readdirSync(dataDir, { withFileTypes: true })) {
		if (entry.isDirectory()) chmodSync(join(dataDir, entry.name), SHARED.includes(entry.name) ? 0o711 : 0o700);
		else if (entry.isFile()) chmodSync(join(dataDir, entry.name), 0o600);
	}
}

/** A directory above, through which sessions could not get to what is theirs. */
function closedAbove(path: string): string | undefined {
	for (let at = dirname(path); at !== dirname(at); at = dirname(at)) if ((statSync(at).mode & OTHERS_ENTER) === 0) return at;
	return undefined;
}

/** `undefined` when a command in the sandbox can use its workspace; else why it cannot. */
async function probe(sandbox: Sandbox, { workspaces }: Places): Promise<string | undefined> {
	const workspace = join(workspaces, PROBE);
	try {
		rmSync(workspace, { recursive: true, force: true });
		mkdirSync(workspace, { recursive: true });
		await sandbox.adopt(workspace);
		const { setup, argv } = sandbox.launch(workspace, ["/bin/sh", "-c", PROBED, "sh", workspace], processLimits({}, 0));
		const env = { PATH: process.env.PATH, ...sandbox.environment(workspace) };
		await run("/bin/sh", ["-c", `${setup}\nexec "$@"`, "sh", ...argv], { cwd: workspace, timeout: PROBE_MS, env });
		return undefined;
	} catch (error) {
		const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n").at(-1) : "";
		return `a command cannot be run in ${workspace} as another user or in a sandbox (${said || error})`;
	} finally {
		await sandbox.forget(workspace);
		rmSync(workspace, { recursive: true, force: true });
	}
}

function crowdsOf(log: (line: string) => void): Crowds {
	const later = (look: () => void, ms: number) => void setTimeout(look, ms).unref();
	return new Crowds({ count: tasksOf, kill: (user) => signalUser(user, "KILL"), later, log });
}

function bubblewrapped(sandbox: Sandbox): Chosen {
	const line = "Isolation: bubblewrap. Each session sees its own /tmp, writes to its own workspace, and reads the system.";
	return { sandbox, line: `${line} ${process.getuid?.() === 0 ? ofProcesses() : SEES_OWN}` };
}

const SEES_OWN = "It can read nothing about processes of the others.";

/** Of nodes of root's: what a session sees of others in /proc is how that was mounted (hidepid, proc(5)), which a session can change nothing of. */
function ofProcesses(): string {
	return hidesProcesses(readFileSync("/proc/self/mounts", "utf8")) ? SEES_OWN : "It can see the command lines of the others.";
}

/** @param mounts the text of /proc/self/mounts */
export function hidesProcesses(mounts: string): boolean {
	return mounts.split("\n").some((line) => /^\S+ \/proc proc (\S+,)?hidepid=(?!0|off)/.test(line));
}

function none(why: string, user: string): Chosen {
	return {
		sandbox: noSandbox,
		line: `Isolation: none, since ${why}. Sessions run as ${user} and can do on this machine whatever ${user} can, also to each other.`,
	};
}

function find(name: string, path: string): string | undefined {
	return path
		.split(delimiter)
		.map((directory) => join(directory, name))
		.find((file) => {
			try {
				accessSync(file, constants.X_OK);
				return true;
			} catch {
				return false;
			}
		});
}
