/**
 * Puts load on a Dispatcher object from within workerd, as sessions do: `POST /` with `{nodes, perSecond, seconds, holdMs}`.
 * Acquires begin at their times whether or not earlier ones were answered. Answers `{latencies, granted, queued, tookMs}`.
 */
const CAPACITY = { cpu: 16, memory: 64 * 2 ** 30, slots: 64 };
const TICK_MS = 10;

export default {
	async fetch(request, { DISPATCHER }) {
		// Whoever looks whether it is up.
		if (request.method !== "POST") return new Response("up");
		const { nodes, perSecond, seconds, holdMs } = await request.json();
		const pool = () => DISPATCHER.getByName("default/bench");
		for (let index = 0; index < nodes; index++) {
			const name = `n${index}`;
			const labels = { "kubernetes.io/hostname": name, zone: `z${index % 3}` };
			await pool().nodeJoined({ name, uid: name, incarnation: 1, capacity: CAPACITY, labels, version: "1", os: "linux", arch: "amd64" });
		}
		const latencies = [];
		const outcomes = { granted: 0, queued: 0 };
		const under = [];
		const total = perSecond * seconds;
		const begunAt = Date.now();
		for (let sent = 0; sent < total; ) {
			const due = Math.min(total, Math.ceil(((Date.now() - begunAt) / 1000) * perSecond));
			while (sent < due) under.push(one(pool(), sent++, holdMs, latencies, outcomes));
			await new Promise((resolve) => setTimeout(resolve, TICK_MS));
		}
		const tookMs = Date.now() - begunAt;
		await Promise.all(under);
		return Response.json({ latencies, ...outcomes, tookMs });
	},
};

async function one(pool, index, holdMs, latencies, outcomes) {
	const namespace = `team-${index % 5}`;
	const session = `${namespace}/s${index}`;
	const requests = { cpu: [0.1, 0.25, 0.5, 1][index % 4], memory: 128 * 2 ** 20 * (1 + (index % 8)) };
	const askedAt = Date.now();
	const reply = await pool.acquire({ session, namespace, requests, nodeSelector: index % 10 === 0 ? { zone: "z1" } : {} });
	latencies.push(Date.now() - askedAt);
	outcomes[reply.state] += 1;
	await new Promise((resolve) => setTimeout(resolve, holdMs));
	await pool.release({ session, forget: true });
}
