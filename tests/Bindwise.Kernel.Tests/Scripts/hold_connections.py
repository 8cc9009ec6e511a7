"""Connections that outlive their listener: hold_connections.py LISTEN-WORDS connections=N. Each client's end has an inode of its own."""
import socket
import sys
from situation import open_socket, ready, stay

count = int(sys.argv[-1].split("=")[1])
listener = open_socket(sys.argv[1:-1] + ["listen", f"backlog={count}"])
ends = []
for _ in range(count):
    ends.append(socket.create_connection(("127.0.0.1", listener.getsockname()[1]), timeout=60))
    ends.append(listener.accept()[0])
listener.close()
ready()
stay()
