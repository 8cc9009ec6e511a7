"""A server with connections, whose clients live in another process: hold_clients.py PORT CONNECTION...

A CONNECTION is accepted, unread (accepted, and what the client sent is not read), reset (accepted, with SO_LINGER and no time), finished
(accepted, and shut down for writing here), closed (accepted, and closed here), left (accepted, and shut down by the client), queued (not
accepted; these come last).
"""
import os
import socket
import struct
import sys
from situation import open_socket, ready, stay

port, kinds = int(sys.argv[1]), sys.argv[2:]
listener = open_socket(["tcp", "127.0.0.1", str(port), "listen"])
done, told = os.pipe()
if os.fork() == 0:
    listener.close()
    clients = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in kinds]
    for client, kind in zip(clients, kinds):
        if kind == "unread":
            client.send(b"x")
        elif kind == "left":
            client.shutdown(socket.SHUT_WR)
    os.write(told, b".")
    stay()
os.read(done, 1)
ends = []
for kind in kinds:
    if kind != "queued":
        end, _ = listener.accept()
        if kind == "reset":
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif kind == "finished":
            end.shutdown(socket.SHUT_WR)
        elif kind == "closed":
            end.close()
        ends.append(end)
ready()
stay()
