"""A server that starts a `sleep`, which inherits an accepted connection, and dies: leave_connection.py PORT."""
import os
import socket
import subprocess
import sys
from situation import open_socket, ready

listener = open_socket(["tcp", "0.0.0.0", sys.argv[1], "listen"])
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=60)
server, _ = listener.accept()
# The client's end lives on in a process of its own, else its death would close the connection.
subprocess.Popen(["/usr/bin/env", "sleep", "600"], pass_fds=[client.fileno()], stdout=subprocess.DEVNULL)
heir = subprocess.Popen(["/bin/sleep", "600"], pass_fds=[server.fileno()], stdout=subprocess.DEVNULL)
ready(heir=heir.pid)
os._exit(0)
