"""Runs a program on a terminal and answers its questions: answer_in_terminal.py COLUMNS ANSWERS BEFORE PROGRAM WORD...

ANSWERS are typed one by one, each at the next "[y/N] ": words with commas between, "^C" for Ctrl+C. BEFORE is what /bin/sh runs before the
first of them; empty for nothing. Gives the program's output as it came, and its exit code.
"""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

columns, answers, before, command = int(sys.argv[1]), sys.argv[2].split(","), sys.argv[3], sys.argv[4:]
child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "xterm"
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execvp(command[0], command)
seen = b""
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    sys.stdout.buffer.write(data)
    seen += data
    if b"[y/N] " in seen and answers:
        if before:
            subprocess.run(["/bin/sh", "-c", before], check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr)
            before = ""
        answer = answers.pop(0)
        os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")
        seen = b""
sys.stdout.buffer.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
