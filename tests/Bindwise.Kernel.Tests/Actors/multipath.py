"""MPTCP sockets: multipath.py listen|bound|connected PORT. connected: the listener is closed, an accepted connection stays."""
import socket
import sys
from acting import inode, ready, stay

IPPROTO_MPTCP = 262

manner, port = sys.argv[1], int(sys.argv[2])
held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
held.bind(("127.0.0.1", port))
if manner != "bound":
    held.listen()
if manner == "connected":
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
    client.connect(("127.0.0.1", port))
    listener, (held, _) = held, held.accept()
    listener.close()
ready(inode=inode(held))
stay()
