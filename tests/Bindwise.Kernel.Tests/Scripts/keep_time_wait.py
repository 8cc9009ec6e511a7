"""Leaves a TIME_WAIT on a port of 127.0.0.1, and the next before it ends, for as long as this runs: keep_time_wait.py PORT."""
import socket
import sys
import time
from situation import ready

port = int(sys.argv[1])


def serve_once():
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        client = socket.create_connection(("127.0.0.1", port), timeout=240)
        server, _ = listener.accept()
    server.close()
    client.recv(1)
    client.close()


serve_once()
ready()
while True:
    time.sleep(5)
    try:
        serve_once()
    except OSError:
        # Somebody tries at this moment whether it can be bound.
        pass
