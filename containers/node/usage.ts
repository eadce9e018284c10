/** What `docker run IMAGE --help` prints. `klaw node join --help` is the same for a machine that has klaw. */
export const USAGE = `A node of a klaw cluster: agents' tools run in this container.

Usage: docker run -v VOLUME:/data -v TOKEN_FILE:/root/token:ro IMAGE join URL --token-file /root/token [flags]

URL is the cluster's address as this container reaches it. A join token is made with
  klaw node token create > token
and is needed once: the container's own credential is then kept in /data. With the same volume it comes back as the same
node without a token; with no volume it needs a new token, and has a new name, each time. A volume is for one container.
Below /root no session can read the token; elsewhere each could.

  --token-file FILE        holds the join token
  --certificate-authority FILE
                           of an https:// address whose certificate no public authority signed; for klaw up: .klaw/tls/ca.crt
  --name NAME              of the node; default: as it joined before, or the host's name
  --labels LIST            e.g. disk=ssd,zone=b
  --taints LIST            for the first join, e.g. gpu=yes:NoSchedule
  --capacity LIST          e.g. cpu=2,memory=4Gi,ephemeral-storage=20Gi,slots=16; default: what the container has
  --workspace-root DIR     where workspaces are; default: in /data

Podman takes the same command. With --cap-add SYS_ADMIN, sessions cannot see each other's command lines. What a container
was running when it was stopped or killed is reported to the model as "outcome unknown"; the files are those of the last
finished call.
`;

/** Whether a command line asks for {@link USAGE}. */
export function wantsHelp(args: readonly string[]): boolean {
	return args.some((arg) => arg === "--help" || arg === "-h");
}
