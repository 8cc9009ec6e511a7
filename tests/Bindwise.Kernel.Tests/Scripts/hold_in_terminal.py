"""hold_in_terminal.py keys FOLDER PREFIX...: a program under a shell's job control on a terminal. Ctrl+Z stops it and what it runs under, fg goes on, and
Ctrl+C reaches it once and is no reason to start it again. Prints "ok". hold_in_terminal.py hangup FOLDER PREFIX...: one that is all that runs on its
terminal, and ends with it. Prints "ok" once nothing of it is left. hold_in_terminal.py background FOLDER PREFIX...: one that is continued in the
background, and ends there, a second later. Prints "ok" if PREFIX ends with 0. hold_in_terminal.py quit FOLDER PREFIX...: one that says what it does on
Ctrl+\\ and goes on, and is started again after that; then one that ends by it, which is final. Prints "ok". hold_in_terminal.py interrupt FOLDER
PREFIX...: the same with Ctrl+C. hold_in_terminal.py report FOLDER PREFIX...: the same program, which
SIGUSR1 makes end by Ctrl+\\. Prints "ok" once PREFIX has ended with 0 and said so. hold_in_terminal.py raw FOLDER PREFIX...: one that makes the
terminal raw and is killed, and ends with 0 the second time. Prints "ok" if the terminal was as it had been before the second start and after it."""
import os
import pty
import signal
import sys
import termios
import time

PROGRAM = """
import os, signal, sys, time
note = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def handle(*_):
    os.write(note, b"INT ")
    signal.alarm(1)
signal.signal(signal.SIGINT, handle)
if sys.argv[2:]:
    signal.signal(signal.SIGCONT, lambda *_: signal.alarm(1))
signal.signal(signal.SIGALRM, lambda *_: os._exit(7))
os.write(note, b"%d " % os.getpid())
while True:
    time.sleep(9)
"""

TELLS = """
import os, signal, sys, time
note = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
if os.fstat(note).st_size == 0:
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, lambda *_: os.write(note, b"KEY "))
signal.signal(signal.SIGUSR1, lambda *_: (signal.signal(signal.SIGQUIT, signal.SIG_DFL), os.write(note, b"USR1 ")))
os.write(note, b"%d " % os.getpid())
while True:
    time.sleep(9)
"""

RAW = """
import os, signal, sys, termios, tty
with open(sys.argv[1], "a") as note:
    is_first = note.tell() == 0
    note.write(f"{termios.tcgetattr(0)[:4]};")
tty.setraw(0)
if is_first:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def until(condition):
    end = time.monotonic() + 240
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("in vain")
        time.sleep(0.01)


def state(pid):
    return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]


def words():
    return open(note).read().split() if os.path.exists(note) else []


note = sys.argv[2] + "/note"
is_background = sys.argv[1] == "background"
if sys.argv[1] == "hangup":
    leader, terminal = pty.fork()
    if leader == 0:
        os.execvp(sys.argv[3], [*sys.argv[3:], sys.executable, "-S", "-c", PROGRAM, note])
    until(words)
    os.close(terminal)
    code = os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1])
    print("ok" if code == 128 + signal.SIGHUP and not os.path.exists(f"/proc/{words()[0]}") else code)
    sys.exit()


def is_pending(process, number):
    with open(f"/proc/{process}/status") as status:
        return any(int(line.split()[1], 16) >> number - 1 & 1 for line in status if line.startswith("ShdPnd"))


if sys.argv[1] in ("interrupt", "quit", "report"):
    key, number = (b"\x03", signal.SIGINT) if sys.argv[1] == "interrupt" else (b"\x1c", signal.SIGQUIT)
    is_report = sys.argv[1] == "report"
    leader, terminal = pty.fork()
    if leader == 0:
        os.execvp(sys.argv[3], [*sys.argv[3:], sys.executable, "-S", "-c", TELLS, note])
    until(words)
    os.write(terminal, key)
    until(lambda: "KEY" in words())
    # Of two that are pending the kernel gives the one with the lower number first, and a Ctrl+C after SIGHUP is final.
    until(lambda: not is_pending(leader, number))
    os.kill(leader, signal.SIGUSR1 if is_report else signal.SIGHUP)
    until(lambda: len(words()) == 3)
    os.write(terminal, key)
    seen = b""
    try:
        while data := os.read(terminal, 999):
            seen += data
    except OSError:
        # EIO: nobody has it open any more.
        pass
    code = os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1])
    is_right = code == 128 + number
    if is_report:
        is_right = (code, words()[1:]) == (0, ["KEY", "USR1"]) and b"the program ended with 131" in seen
    print("ok" if is_right else (code, words(), seen))
    sys.exit()
program = RAW if sys.argv[1] == "raw" else PROGRAM
leader, terminal = pty.fork()
if leader == 0:
    # A shell with job control: a group of its own for what it runs, in the foreground of the terminal.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        signal.signal(signal.SIGTTOU, signal.SIG_DFL)
        os.execvp(sys.argv[3], [*sys.argv[3:], sys.executable, "-S", "-c", program, note, *["background"][:is_background]])
    status = os.waitpid(job, os.WUNTRACED)[1]
    if program is RAW:
        open(note, "a").write(str(termios.tcgetattr(0)[:4]))
        os._exit(os.waitstatus_to_exitcode(status) % 256)
    if not os.WIFSTOPPED(status):
        os._exit(1)
    until(lambda: state(int(words()[0])) == "T")
    if is_background:
        os.tcsetpgrp(0, os.getpid())
    os.killpg(job, signal.SIGCONT)
    if not is_background:
        until(lambda: state(int(words()[0])) != "T")
    os.write(1, b"go\n")
    os._exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]) % 256)
if program is RAW:
    code = os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1])
    modes = open(note).read().split(";")
    print("ok" if (code, len(modes), len(set(modes))) == (0, 3, 1) else (code, modes))
    sys.exit()
until(words)
os.write(terminal, b"\x1a")
seen = b""
while b"go" not in seen:
    seen += os.read(terminal, 999)
if not is_background:
    os.write(terminal, b"\x03")
code = os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1])
got = words()
print("ok" if (code, got[1:]) == ((0, []) if is_background else (7, ["INT"])) else (code, got, seen))
