"""Listens on many ports of 127.0.0.1: fill_listeners.py FIRST COUNT."""
import socket
import sys
from situation import ready, stay

listeners = []
for port in range(int(sys.argv[1]), int(sys.argv[1]) + int(sys.argv[2])):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    listeners.append(listener)
ready()
stay()
