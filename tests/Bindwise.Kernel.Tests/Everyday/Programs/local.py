"""A server on a UNIX socket, which removes its file when it is told to end: local.py PATH."""
import os
import signal
import socket
import sys

listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
os.chmod(sys.argv[1], 0o777)


def leave(*_):
    os.unlink(sys.argv[1])
    sys.exit(0)


signal.signal(signal.SIGTERM, leave)
signal.signal(signal.SIGINT, leave)
while True:
    listener.accept()[0].close()
