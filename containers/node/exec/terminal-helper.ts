/**
 * A Python program that runs a command in a terminal of its own: arguments are whether stdin counts (`1` or `0`) and the
 * command. What it reads from stdin is typed, what the terminal shows goes to stdout, and a line `COLUMNS ROWS` on file
 * descriptor 3 sets its size. It exits as the command does.
 *
 * Nothing in it waits for one side alone, so a command whose output nobody takes still gets its Ctrl-C. It ends with the
 * command, whatever that left in the background with the terminal open: SIGCHLD wakes it, and a read that would block has
 * then given all that the command wrote. The terminal stays open until the command has ended, since a command that closed
 * its files a moment earlier would die of the hangup.
 */
export const TERMINAL_HELPER = `
import errno, fcntl, os, pty, select, signal, struct, sys, termios

LIMIT = 65536
typed = sys.argv[1] == "1"
command = sys.argv[2:]

woken, waker = os.pipe()
for descriptor in (woken, waker):
    os.set_blocking(descriptor, False)
signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
signal.signal(signal.SIGCHLD, lambda *_: None)

pid, terminal = pty.fork()
if pid == 0:
    # Python ignores SIGPIPE, and the command would inherit that.
    for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.close(3)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        missing = error.errno == errno.ENOENT
        why = "executable file not found in $PATH" if missing else error.strerror
        os.write(2, ('exec: "%s": %s\\r\\n' % (command[0], why)).encode())
        os._exit(127 if missing else 126)

def resize(line):
    try:
        columns, rows = [int(part) for part in line.split()]
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    except (ValueError, OSError):
        pass

def end_of_input():
    try:
        return termios.tcgetattr(terminal)[6][termios.VEOF]
    except termios.error:
        return b"\\x04"

for descriptor in (1, terminal):
    os.set_blocking(descriptor, False)
sources = {3, woken}
if typed:
    sources.add(0)
control = keys = shown = b""
over = False
status = None
while not over or shown:
    readers = [s for s in sources if s != 0 or len(keys) < LIMIT]
    if not over and not shown:
        readers.append(terminal)
    if status is None:
        ended, found = os.waitpid(pid, os.WNOHANG)
        status = found if ended else None
    writers = ([1] if shown else []) + ([terminal] if keys and not over else [])
    readable, writable, _ = select.select(readers, writers, [], None if status is None or shown else 0)
    if status is not None and terminal in readers:
        readable.append(terminal)
    if woken in readable:
        os.read(woken, LIMIT)
    if 3 in readable:
        piece = os.read(3, LIMIT)
        if not piece:
            sources.discard(3)
        *lines, control = (control + piece).split(b"\\n")
        for line in lines:
            resize(line)
    if 0 in readable:
        piece = os.read(0, LIMIT)
        if not piece:
            sources.discard(0)
            piece = end_of_input()
        keys += piece
    if terminal in writable:
        try:
            keys = keys[os.write(terminal, keys):]
        except BlockingIOError:
            pass
        except OSError:
            keys = b""
    if terminal in readable:
        try:
            shown = os.read(terminal, LIMIT)
            over = not shown
        except BlockingIOError:
            over = status is not None
        except OSError:
            over = True
    if 1 in writable:
        try:
            shown = shown[os.write(1, shown):]
        except BlockingIOError:
            pass
        except OSError:
            break
if status is None:
    status = os.waitpid(pid, 0)[1]
os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
`;
