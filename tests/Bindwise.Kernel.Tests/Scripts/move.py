"""Listens on 127.0.0.1:8080, and at SIGUSR1 the listener moves: move.py WAY FILE. The file is made when it has moved.

exec: the process goes on as another program. child: a child has it, and the process ends. share: a child has it as well. heir: as child, at SIGTERM.
pass: the process that runs "move.py take FILE" is sent it, and this one lives on without it.
"""
import os
import signal
import socket
import sys
import time
from situation import ready, stay

way, file = sys.argv[1:]


def moved():
    open(file, "x").close()


def move(*_):
    if way == "exec":
        listener.set_inheritable(True)
        os.execv(sys.executable, ["renewed", "-B", "-S", __file__, "renewed", file])
    if way == "pass":
        there = socket.socket(socket.AF_UNIX)
        there.connect(file + ".sock")
        socket.send_fds(there, [b"x"], [listener.fileno()])
        there.recv(1)
        listener.close()
        moved()
        return
    parent = os.getpid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # Until the old owner has let go.
        while way != "share" and os.getppid() == parent:
            time.sleep(0.001)
        moved()
    elif way != "share":
        os._exit(0)


if way == "take":
    meeting = socket.socket(socket.AF_UNIX)
    meeting.bind(file + ".sock")
    meeting.listen()
    ready()
    sender = meeting.accept()[0]
    _, kept, _, _ = socket.recv_fds(sender, 1, 1)
    sender.send(b"x")
elif way == "renewed":
    moved()
else:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 8080))
    listener.listen()
    signal.signal(signal.SIGTERM if way == "heir" else signal.SIGUSR1, move)
    ready()
stay()
