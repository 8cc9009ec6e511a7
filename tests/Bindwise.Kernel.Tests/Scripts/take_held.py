"""A server that is given a port: take_held.py PORT. Tells who can bind it, listens on it when it is told to, and stays."""
import errno
import os
import socket
import sys
from situation import ready, stay

port = int(sys.argv[1])


def attempt(reuse):
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        try:
            one.bind(("0.0.0.0", port))
            return "ok"
        except OSError as fault:
            return errno.errorcode[fault.errno]


ready(port=port, plain=attempt(0), reuse=attempt(1), children=open("/proc/self/task/%d/children" % os.getpid()).read())
sys.stdin.read()
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("127.0.0.1", port))
server.listen()
ready()
stay()
