# Holds TCP ports: hold.py FIRST COUNT [NAME], whose last word is only there to be seen. Says "ready" once it listens on all of them, and goes on until it is ended.
import resource
import signal
import socket
import sys

first, count = int(sys.argv[1]), int(sys.argv[2])
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
held = []
for port in range(first, first + count):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(16)
    held.append(listener)
print("ready", flush=True)
signal.pause()
