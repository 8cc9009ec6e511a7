"""A server that starts itself again when its source changes, as Flask's does: the first process opens the socket and its child serves it;
a child that ends with 3 is started again."""
import os
import socket
import subprocess
import sys

if "SERVER_FD" in os.environ:
    listener = socket.socket(fileno=int(os.environ["SERVER_FD"]))
    while True:
        listener.accept()[0].close()

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 5000))
listener.listen()
listener.set_inheritable(True)
environment = {**os.environ, "SERVER_FD": str(listener.fileno())}
while subprocess.call([sys.executable, *sys.argv], env=environment, close_fds=False) == 3:
    pass
