/**
 * What runs in the workspace, for the shell of any machine: sh, dd, cat, and tar for directories. Paths are arguments, never
 * part of a script, and have `./` before them, so that none is taken for an option.
 */

/** Input is taken in pieces, each of which is told on stderr by dd, because nothing else says how fast the machine reads. */
const PACED =
	'{ while said=$(LC_ALL=C dd bs=65536 count=8 2>&1 >&3); do case $said in "0+0 records in"*) break;; esac; echo "$said" >&2; done; } 3>&1';

/** $1: destination, $2: name to have in it if it is a directory, $3: permissions, $4: bytes. */
export const TAKE_FILE = `set -e
if [ -d "$1" ]; then to=$1/$2; else to=$1; fi
if [ -d "$to" ]; then echo "$to is a directory in the workspace, and a file cannot take its place." >&2; exit 1; fi
mkdir -p "$(dirname "$to")"
part=$to.klaw-cp.$$
trap 'rm -f "$part"' EXIT
${PACED} | cat > "$part" || {
	echo "The node ended the copy after $(($(wc -c < "$part"))) of $4 bytes: its disk is full, or the file is larger than the agent's resources.limits.ephemeral-storage allows. Nothing was changed." >&2
	exit 1
}
got=$(($(wc -c < "$part")))
if [ "$got" != "$4" ]; then echo "$got of $4 bytes arrived, so nothing was changed." >&2; exit 1; fi
chmod "$3" "$part"
mv -f "$part" "$to"`;

/** $1: destination, $2: name to have in it if it is a directory that is there, or empty. */
export const TAKE_DIRECTORY = `set -e
if [ -d "$1" ] && [ -n "$2" ]; then to=$1/$2; else to=$1; fi
command -v tar > /dev/null || { echo "There is no tar on the session's node, which klaw cp needs for directories." >&2; exit 1; }
mkdir -p "$to"
${PACED} | tar -xmf - -C "$to"`;

/** $1: what to send. The first line of the output says what comes: `file PERMISSIONS BYTES` or `directory`. */
export const SEND = `set -e
if [ -d "$1" ]; then
	command -v tar > /dev/null || { echo "There is no tar on the session's node, which klaw cp needs for directories." >&2; exit 1; }
	echo directory
	exec tar -cf - -C "$1" .
elif [ -f "$1" ]; then
	mode=644
	if [ -x "$1" ]; then mode=755; fi
	echo "file $mode $(($(wc -c < "$1")))"
	exec cat "$1"
elif [ -e "$1" ]; then echo "$1 is neither a file nor a directory." >&2; exit 1
else echo "$1: No such file or directory" >&2; exit 1; fi`;

/** @example commandOf(SEND, "./a") // ["sh", "-c", SEND, "klaw-cp", "./a"] */
export function commandOf(script: string, ...words: readonly string[]): string[] {
	return ["sh", "-c", script, "klaw-cp", ...words];
}
