"""Runs a command in a shell on a terminal of tmux and follows steps: watch_in_tmux.py COLUMNSxLINES COMMAND STEP...

A step is `key NAME` (of tmux), `type TEXT`, `await TEXT` (until the screen has it), `gone TEXT` (until it has not), `resize COLUMNSxLINES`,
`signal NAME PROGRAM`, `run COMMAND`, or `screen` (prints it). The shell prints `EXIT n` when the command has ended. Gives 1 and the screen where a step cannot be
done within four minutes.
"""
import os
import subprocess
import sys
import tempfile
import time

PATIENCE_SECONDS = 240
size, command, steps = sys.argv[1].split("x"), sys.argv[2], sys.argv[3:]
folder = tempfile.mkdtemp()
base = ["tmux", "-f", "/dev/null", "-S", f"{folder}/tmux"]


def tmux(*words):
    return subprocess.run([*base, *words], check=True, capture_output=True, text=True).stdout


def screen():
    return tmux("capture-pane", "-p")


def until(condition, step):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition(screen()):
        if time.monotonic() > end:
            sys.exit(f"not within four minutes: {step}\n{screen()}")
        time.sleep(0.05)


os.environ["LC_ALL"] = "C.UTF-8"
with open(f"{folder}/rc", "w") as rc:
    rc.write(f"PS1='ready> '\nw() {{\n{command}\necho EXIT $?\n}}\n")
tmux("new-session", "-d", "-x", size[0], "-y", size[1], f"bash --noprofile --rcfile {folder}/rc")
try:
    until(lambda seen: "ready>" in seen, "the shell")
    tmux("send-keys", "clear; w", "Enter")
    for step in steps:
        verb, _, rest = step.partition(" ")
        if verb == "key":
            tmux("send-keys", rest)
        elif verb == "type":
            tmux("send-keys", "-l", rest)
        elif verb == "await":
            until(lambda seen: rest in seen, step)
        elif verb == "gone":
            until(lambda seen: rest not in seen, step)
        elif verb == "resize":
            columns, lines = rest.split("x")
            tmux("resize-window", "-x", columns, "-y", lines)
        elif verb == "signal":
            name, program = rest.split(" ")
            subprocess.run(["pkill", f"-{name}", "-x", program], check=True)
        elif verb == "run":
            subprocess.run(["/bin/sh", "-c", rest], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        elif verb == "screen":
            print(screen(), flush=True)
        else:
            sys.exit(f"no such step: {step}")
finally:
    subprocess.run([*base, "kill-server"], check=False, capture_output=True)
    for name in os.listdir(folder):
        os.unlink(f"{folder}/{name}")
    os.rmdir(folder)
