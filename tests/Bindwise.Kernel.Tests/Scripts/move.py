"""Listens on 127.0.0.1:8080, and at SIGUSR1 the listener moves: move.py WAY FILE. The file is made when it has moved.

exec: the process goes on as another program. child: a child has it, and the process ends. share: a child has it as well. heir: as child, at SIGTERM.
pass: the process that runs "move.py take FILE" is sent it, and this one lives on without it.
"""
import os
import signal
import socket
import sys
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
        listener.close()
    elif os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        moved()
    elif way != "share":
        os._exit(0)


if way == "take":
    meeting = socket.socket(socket.AF_UNIX)
    meeting.bind(file + ".sock")
    meeting.listen()
    ready()
    _, kept, _, _ = socket.recv_fds(meeting.accept()[0], 1, 1)
    moved()
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
