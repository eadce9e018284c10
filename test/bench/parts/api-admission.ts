import { benchAgent } from "../api/agents.ts";
import { ApiClient } from "../api/api-client.ts";
import { ApiServer } from "../api/api-server.ts";
import { distribution, type Figure, percentile, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";

const ROLES = 50;
const QUOTAS = 10;
const MANY = "1000000";

/** What roles and quotas cost a write: creates in a namespace with many of them, in turn with creates in one with a single role. */
export async function apiAdmission({ quick, progress }: BenchContext): Promise<Figure[]> {
	const n = quick ? 50 : 2_000;
	return ApiServer.with(async (server) => {
		const plain = await namespaceWith(server, "plain", { roles: 1, quotas: 0 });
		const governed = await namespaceWith(server, "governed", { roles: ROLES, quotas: QUOTAS });
		progress(`a namespace with ${ROLES} roles and ${QUOTAS} quotas, and one with a single role`);
		const without: number[] = [];
		const withAll: number[] = [];
		const warmUps = quick ? 5 : 100;
		for (let i = 0; i < warmUps + n; i++) {
			// Neither of them comes first every time.
			const both = [
				{ create: plain, times: without },
				{ create: governed, times: withAll },
			];
			for (const { create, times } of i % 2 === 0 ? both : both.reverse()) {
				const ms = await create(`agent-${i}`);
				if (i >= warmUps) times.push(ms);
			}
		}
		progress(`${n} creates in each, in turn`);
		const note = `difference of the medians of ${n} creates each by a ServiceAccount, in turn; the last of its ${ROLES} role bindings allows them`;
		return [
			distribution({ what: "API: create, one role and no quota", unit: "ms", samples: without }),
			distribution({ what: `API: create, ${ROLES} roles, ${QUOTAS} quotas`, unit: "ms", samples: withAll }),
			single(
				{ what: "API: what admission adds to a create", unit: "ms", value: percentile(withAll, 50) - percentile(without, 50), n, note },
				{ atMost: 1 },
			),
		];
	});
}

/** A namespace with a ServiceAccount that only the last of its roles lets create agents. @returns creates one and says how long it took */
async function namespaceWith(
	server: ApiServer,
	namespace: string,
	{ roles, quotas }: { roles: number; quotas: number },
): Promise<(name: string) => Promise<number>> {
	const admin = await server.client();
	const core = `/api/v1/namespaces/${namespace}`;
	const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
	await admin.post("/api/v1/namespaces", { metadata: { name: namespace } });
	await admin.post(`${core}/serviceaccounts`, { metadata: { name: "writer" } });
	const subjects = [{ kind: "ServiceAccount", name: "writer", namespace }];
	for (let i = 1; i <= roles; i++) {
		const name = `role-${String(i).padStart(3, "0")}`;
		const rules = [
			{ apiGroups: [""], resources: ["configmaps", "secrets"], resourceNames: [`config-${i}`], verbs: ["get", "update", "patch"] },
			{ apiGroups: ["klaw.sh"], resources: ["agents", "tasks"], verbs: i === roles ? ["create"] : ["get", "list", "watch"] },
		];
		await admin.post(`${rbac}/roles`, { metadata: { name }, rules });
		const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name };
		await admin.post(`${rbac}/rolebindings`, { metadata: { name }, roleRef, subjects });
	}
	const hard = { "count/agents.klaw.sh": MANY, "count/secrets": MANY, "count/tasks.klaw.sh": MANY, pods: MANY, "requests.cpu": MANY };
	for (let i = 1; i <= quotas; i++) await admin.post(`${core}/resourcequotas`, { metadata: { name: `quota-${i}` }, spec: { hard } });
	const asked = await admin.post(`${core}/serviceaccounts/writer/token`, { spec: { expirationSeconds: 3600 } });
	const issued: { status: { token: string } } = JSON.parse(asked.text);
	admin.close();
	const writer = new ApiClient(server.klaw, issued.status.token);
	return async (name) => (await writer.post(`/apis/klaw.sh/v1/namespaces/${namespace}/agents`, benchAgent(name))).ms;
}
