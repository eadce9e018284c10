import { type Capacity, type Hello, PROTOCOL_VERSION } from "../../containers/node/protocol.ts";

/** The machine that owns a node's name. */
export interface NodeIdentity {
	name: string;
	uid: string;
	incarnation: number;
	capacity: Capacity;
	labels: Record<string, string>;
	version: string;
	os: string;
	arch: string;
}

export type Admission = { ok: true; identity: NodeIdentity } | { ok: false; code: string; message: string };

/**
 * Whether a machine may be this node. A name belongs to the first machine that joins under it, until the node is
 * deleted; the next machine then gets a higher incarnation, so that nothing the old one still says is believed.
 */
export function admit(hello: Hello, name: string, owner: NodeIdentity | undefined, lastIncarnation: number): Admission {
	const { node } = hello;
	if (hello.v !== PROTOCOL_VERSION)
		return refuse(
			"UnsupportedProtocol",
			`This control plane speaks version ${PROTOCOL_VERSION} of the node protocol, the node version ${hello.v}. Upgrade the older one.`,
		);
	if (node.name !== name)
		return refuse("WrongName", `The machine dialled in as node "${name}" but calls itself "${node.name}". Use one name.`);
	if (owner && owner.uid !== node.uid)
		return refuse(
			"NameTaken",
			`Another machine has joined as node "${name}" already. Choose another name with --name, or remove that one first: klaw delete node ${name}`,
		);
	const { uid, capacity, labels, version, os, arch } = node;
	const incarnation = owner?.incarnation ?? lastIncarnation + 1;
	return { ok: true, identity: { name, uid, incarnation, capacity, labels, version, os, arch } };
}

function refuse(code: string, message: string): Admission {
	return { ok: false, code, message };
}
