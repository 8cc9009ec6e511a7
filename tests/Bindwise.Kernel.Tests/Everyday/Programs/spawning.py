"""A server that starts a program without closing its listening socket first, and dies: the program keeps the port."""
import os
import socket
import subprocess

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("0.0.0.0", 8080))
listener.listen()
listener.set_inheritable(True)
subprocess.Popen(["sleep", "1800"], close_fds=False)
os._exit(1)
