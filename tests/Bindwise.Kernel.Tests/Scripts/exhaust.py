"""Connects to 127.0.0.1:9000 until no port is left: exhaust.py. Tells how many it got, the last errno, and whether 9001 still answers."""
import errno
import socket
from situation import inode, ready, stay

servers = [socket.create_server(("127.0.0.1", port), backlog=256) for port in (9000, 9001)]
held = []
failure = ""
while not failure and len(held) < 200:
    try:
        held.append(socket.create_connection(("127.0.0.1", 9000), timeout=60))
    except OSError as error:
        failure = errno.errorcode[error.errno]
try:
    socket.create_connection(("127.0.0.1", 9001), timeout=60).close()
    elsewhere = "ok"
except OSError as error:
    elsewhere = errno.errorcode[error.errno]
ready(count=len(held), failure=failure, elsewhere=elsewhere, inode=inode(held[0]) if held else 0)
stay()
