"""hold_flooded.py FOLDER BINDWISE: plays systemd for run --hold while processes of another user flood the program's NOTIFY_SOCKET. Prints "ok"."""
import os
import signal
import socket
import subprocess
import sys

folder, bindwise = sys.argv[1:]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(folder + "/notify")
manager.settimeout(240)
# A program that gives up its rights, and says that it is ready once it is told to.
PROGRAM = """
import os, socket, sys, time
one = socket.socket(); one.bind(("127.0.0.1", 8080)); one.listen(9)
os.setgroups([]); os.setgid(1); os.setuid(1)
print(os.environ["NOTIFY_SOCKET"], flush=True)
sys.stdin.readline()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.sendto(b"STATUS=warm", "\\0" + os.environ["NOTIFY_SOCKET"][1:])
time.sleep(600)
"""


def other_user(work):
    pid = os.fork()
    if pid:
        return pid
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
    work()


def flood():
    to = "\0" + address[1:]
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    while True:
        try:
            line.sendto(b"STATUS=x", to)
        except OSError:
            os._exit(0)


# What makes a look at all processes take its time.
others = [other_user(signal.pause) for _ in range(400)]
line = [bindwise, "run", "--hold", "--", sys.executable, "-S", "-c", PROGRAM]
run = subprocess.Popen(line, env=dict(os.environ, NOTIFY_SOCKET=folder + "/notify"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
address = run.stdout.readline().strip()
others += [other_user(flood) for _ in range(6)]
run.stdin.write("go\n")
run.stdin.flush()
heard = []
while "STATUS=warm" not in heard:
    heard.append(manager.recv(4096).decode())
run.terminate()
while heard[-1] != "STOPPING=1":
    heard.append(manager.recv(4096).decode())
run.wait(240)
for pid in others:
    os.kill(pid, signal.SIGKILL)
print("ok" if "STATUS=x" not in heard else heard)
