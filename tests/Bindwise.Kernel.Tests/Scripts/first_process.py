"""first_process.py [COMMAND]: a program to which orphans come, as the first process of a PID namespace, waits until wait() knows no child any more.

With a command: makes itself such a process (PR_SET_CHILD_SUBREAPER), and becomes the command. Without one: starts a child, waits, and tells how many ended,
whether its socket got SO_REUSEADDR, and what the processes that it has not started have open.
"""
import ctypes
import json
import os
import socket
import sys

if sys.argv[1:]:
    assert ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0
    os.execvp(sys.argv[1], sys.argv[1:])

if os.fork() == 0:
    os._exit(0)
reaped = 0
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
    reaped += 1
with open("/proc/self/task/%d/children" % os.getpid()) as file:
    others = file.read().split()
one = socket.socket()
one.bind(("127.0.0.1", 8080))
reuse = one.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
print(json.dumps({"reaped": reaped, "reuse": reuse, "open": sum(len(os.listdir("/proc/%s/fd" % other)) for other in others)}))
