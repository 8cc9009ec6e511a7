"""A server whose listener and accepted connections many children have too: crowded_server.py CHILDREN CONNECTIONS PORT."""
import os
import resource
import socket
import sys
from situation import ready, stay

children, connections, port = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (4 * connections + 64,) * 2)
listener = socket.socket()
listener.bind(("0.0.0.0", port))
listener.listen(connections)
kept = []
for _ in range(connections):
    client = socket.create_connection(("127.0.0.1", port))
    kept += [client, listener.accept()[0]]
for _ in range(children):
    if os.fork() == 0:
        stay()
ready()
stay()
