"""A Multipath TCP listener: multipath.py PORT."""
import socket
import sys

from situation import ready, stay

IPPROTO_MPTCP = 262

held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP)
held.bind(("0.0.0.0", int(sys.argv[1])))
held.listen(16)
ready()
stay()
