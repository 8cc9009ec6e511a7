"""A server that closed first, many times over: serve_many.py COUNT LISTEN-WORDS. Leaves COUNT sockets in TIME_WAIT."""
import socket
import sys
from situation import open_socket, ready, stay

listener = open_socket(sys.argv[2:])
for _ in range(int(sys.argv[1])):
    client = socket.create_connection(listener.getsockname()[:2], timeout=60)
    server, _ = listener.accept()
    server.close()
    client.recv(1)
    client.close()
listener.close()
ready()
stay()
