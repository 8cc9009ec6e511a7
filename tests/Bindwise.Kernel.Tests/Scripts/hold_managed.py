"""hold_managed.py FOLDER BINDWISE WORD...: plays systemd for run --hold: hears what it says, keeps what it gives, and passes that to a second run, of hold_server.py WORD. Prints "ok"."""
import array
import json
import os
import signal
import socket
import subprocess
import sys
import time

folder, bindwise, *words = sys.argv[1:]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(folder + "/notify")
manager.settimeout(240)
stored = {}
PLAIN = [sys.executable, "-B", "-S", os.path.dirname(os.path.abspath(__file__)) + "/hold_server.py", folder, *words]
# A program that knows the protocol: takes what it is given, says so, and binds otherwise.
KNOWING = """
import json, os, socket, sys, time
given = os.environ.get("LISTEN_PID") == str(os.getpid()) and int(os.environ["LISTEN_FDS"])
one = socket.socket(fileno=3) if given else socket.socket()
if not given:
    one.bind(("127.0.0.1", 8080)); one.listen(9)
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
to = os.environ["NOTIFY_SOCKET"]
notify.sendto(b"STATUS=warm", "\\0" + to[1:] if to[0] == "@" else to)
notify.sendto(b"READY=1\\nMAINPID=1\\rMAINPID=2\\nNOTIFYACCESS=all\\rFDSTORE=1", "\\0" + to[1:] if to[0] == "@" else to)
print(json.dumps({"given": given, "names": os.environ.get("LISTEN_FDNAMES"), "port": one.getsockname()[1], "pid": os.getpid()}), flush=True)
time.sleep(600)
"""


def hear():
    text, controls, _, _ = manager.recvmsg(4096, 1024)
    lines = text.decode().split("\n")
    for level, kind, data in controls:
        if kind == socket.SCM_RIGHTS:
            stored[lines[1]] = array.array("i", data)[0]
    return [line for line in lines if not line.startswith("MONOTONIC_USEC=")]


def expect(*wanted):
    heard = hear()
    if heard != list(wanted):
        raise SystemExit(f"{heard} in place of {wanted}")


def start(options, program, passed=None):
    line = [bindwise, "run", "--hold", "--stop-timeout", "3m", *options, "--", *program]
    environment = dict(os.environ, NOTIFY_SOCKET=folder + "/notify")
    shell = 'exec "$@"'
    if passed is not None:
        shell = f'LISTEN_FDS=1 LISTEN_FDNAMES=kept LISTEN_PID=$$ exec "$@" 3<&{passed}'
    return subprocess.Popen(["/bin/sh", "-c", shell, "sh", *line], env=environment, stdout=subprocess.PIPE, text=True, pass_fds=[] if passed is None else [passed])


def facts(run):
    while True:
        got = json.loads(run.stdout.readline())
        if "pid" in got:
            return got


run = start([], PLAIN)
first = facts(run)
expect("FDSTORE=1", "FDNAME=bindwise-tcp-127.0.0.1_8080")
expect("READY=1")
run.send_signal(signal.SIGHUP)
second = facts(run)
expect("RELOADING=1")
expect("READY=1")
run.terminate()
expect("STOPPING=1")
run.wait()
kept = stored["FDNAME=bindwise-tcp-127.0.0.1_8080"]
waiting = socket.create_connection(("127.0.0.1", 8080))
waiting.sendall(b"\n")
run = start([], PLAIN, kept)
third = facts(run)
answer = waiting.makefile().readline().strip()
if answer != str(third["pid"]) or len({one["inode"] for one in (first, second, third)}) != 1:
    raise SystemExit(f"{answer}, {first}, {second}, {third}")
expect("READY=1")
run.terminate()
expect("STOPPING=1")
run.wait()
os.close(kept)
run = start(["--listen-fds", "--fdname", "web"], [sys.executable, "-S", "-c", KNOWING])
got = [facts(run)]
expect("FDSTORE=1", "FDNAME=bindwise-tcp-127.0.0.1_8080")
expect("STATUS=warm")
expect("READY=1")
run.send_signal(signal.SIGHUP)
got.append(facts(run))
expect("RELOADING=1")
expect("STATUS=warm")
expect("READY=1")
run.kill()
os.kill(got[1]["pid"], 9)
wanted = [{"given": False, "names": None, "port": 8080}, {"given": 1, "names": "web", "port": 8080}]
print("ok" if [{name: one[name] for name in wanted[0]} for one in got] == wanted else got)
