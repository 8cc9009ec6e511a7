"""MPTCP sockets of a server, a process of its own, and of its client: multipath.py MANNER PORT [reuseaddr] [joined].

MANNER: listen, bound, or a connection whose listener is closed: connected; server-closed, server-shut, client-closed, client-shut (one end
only); server-first, client-first (both ends closed in this order); fallback (the client speaks plain TCP, and the server closes). joined: at 10.1.0.2, with a second subflow that an endpoint makes the client open.
"""
import os
import signal
import socket
import sys
import time
from situation import inode, ready, stay

IPPROTO_MPTCP = 262

manner, port = sys.argv[1], int(sys.argv[2])
address = "10.1.0.2" if "joined" in sys.argv else "127.0.0.1"
up = os.pipe()


def open_end(protocol=IPPROTO_MPTCP):
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)


def wait_for_subflows(count):
    for _ in range(20000):
        with open("/proc/self/net/tcp", encoding="ascii") as table:
            rows = [row.split() for row in table.readlines()[1:]]
        if sum(row[1].endswith(f":{port:04X}") and row[3] == "01" for row in rows) == count:
            return
        time.sleep(0.01)
    raise TimeoutError("no further subflow")


def serve():
    held = open_end()
    if "reuseaddr" in sys.argv:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind((address, port))
    if manner != "bound":
        held.listen()
    if manner not in ("listen", "bound"):
        os.write(up[1], b"l")
        listener, (held, _) = held, held.accept()
        if "joined" in sys.argv:
            held.send(held.recv(1))
            wait_for_subflows(2)
        listener.close()
    number = inode(held)
    if manner in ("client-closed", "client-shut", "client-first"):
        held.recv(1)
    if manner in ("server-closed", "server-first", "client-first", "fallback"):
        held.close()
    if manner == "server-shut":
        held.shutdown(socket.SHUT_WR)
    os.write(up[1], number.to_bytes(8, "little"))
    stay()


server = os.fork()
if server == 0:
    serve()
if manner not in ("listen", "bound"):
    os.read(up[0], 1)
    client = open_end(0 if manner == "fallback" else IPPROTO_MPTCP)
    client.connect((address, port))
    if "joined" in sys.argv:
        client.send(b"x")
        client.recv(1)
        if manner.startswith("client"):
            # A client that closes before opens no further subflow.
            wait_for_subflows(2)
    if manner == "client-shut":
        client.shutdown(socket.SHUT_WR)
    elif manner in ("client-closed", "client-first"):
        client.close()
    elif manner in ("server-closed", "server-shut", "server-first"):
        client.recv(1)
        if manner == "server-first":
            client.close()
number = int.from_bytes(os.read(up[0], 8), "little")
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
ready(inode=number, server=server)
stay()
