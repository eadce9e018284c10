import * as z from "zod";

const text = z.string().nullish();

const clusterSchema = z.looseObject({
	server: text,
	"certificate-authority": text,
	"certificate-authority-data": text,
	"insecure-skip-tls-verify": z.boolean().nullish(),
	"tls-server-name": text,
});

const execSchema = z.object({
	apiVersion: z.string(),
	command: z.string(),
	args: z.array(z.string()).nullish(),
	env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
	installHint: text,
	provideClusterInfo: z.boolean().nullish(),
});

const userSchema = z.looseObject({
	token: text,
	tokenFile: text,
	"client-certificate": text,
	"client-certificate-data": text,
	"client-key": text,
	"client-key-data": text,
	as: text,
	"as-uid": text,
	"as-groups": z.array(z.string()).nullish(),
	exec: execSchema.nullish(),
});

const contextSchema = z.looseObject({ cluster: text, user: text, namespace: text });

/** What klaw reads of a kubeconfig. Unknown fields are kept: the same file serves kubectl, which knows far more of them. */
export const kubeconfigSchema = z.object({
	"current-context": text,
	clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema.prefault({}) })).nullish(),
	users: z.array(z.object({ name: z.string(), user: userSchema.prefault({}) })).nullish(),
	contexts: z.array(z.object({ name: z.string(), context: contextSchema.prefault({}) })).nullish(),
});

export type Kubeconfig = z.infer<typeof kubeconfigSchema>;
export type KubeconfigCluster = z.infer<typeof clusterSchema>;
export type KubeconfigUser = z.infer<typeof userSchema>;
export type KubeconfigContext = z.infer<typeof contextSchema>;
export type ExecConfig = z.infer<typeof execSchema>;
