/**
 * What `/bin/sh` runs around a command. It lives on its own: whoever started it may die at any moment, and another
 * that looks into the call's directory can tell how far it got.
 *
 * Arguments: the call's directory, then the command. The process that becomes the command runs `setup` first, which also
 * is where it stops being the runtime's user: what is around it, the lock, the output and the exit code are out of its reach.
 *
 * - The output is opened first: on a full disk nothing has happened yet.
 * - `set -C` (noclobber) creates `started` with O_EXCL, so of any number of shells for one call a single one goes on.
 * - The output of another user's command may be opened again by whoever has it open, as `/dev/stdout` is; the directory
 *   lets nobody else to it.
 * - Only builtins around bash: every fork would cost a millisecond.
 *
 * @param setup lines of sh; `$dir` is the call's directory
 * @param otherUser the command runs as one
 */
export const callScript = (setup: string, otherUser: boolean) => `
${otherUser ? "umask 0" : ""}
exec </dev/null >>"$1/output" 2>&1
${otherUser ? "umask 022" : ""}
set -C
{ echo $$ >"$1/started"; } 2>/dev/null || exit 0
set +C
dir=$1
shift
(
${setup}
exec "$@"
)
code=$?
echo $code >"$dir/exit"
exit $code
`;
