/**
 * What `/bin/sh` runs around a command. It lives on its own: whoever started it may die at any moment, and another
 * that looks into the call's directory can tell how far it got.
 *
 * Arguments: the call's directory, then the arguments of bash.
 *
 * - The output is opened first: on a full disk nothing has happened yet.
 * - `set -C` (noclobber) creates `started` with O_EXCL, so of any number of shells for one call a single one goes on.
 * - Only builtins around bash: every fork would cost a millisecond.
 */
export const SCRIPT = `
exec </dev/null >>"$1/output" 2>&1
set -C
{ echo $$ >"$1/started"; } 2>/dev/null || exit 0
set +C
dir=$1
shift
bash "$@"
code=$?
echo $code >"$dir/exit"
exit $code
`;
