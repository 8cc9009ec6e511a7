"""Processes that come and go all the time, as on a busy host, each with a socket of its own: churn.py."""
import os
import socket
from situation import ready

ready()
while True:
    children = []
    for _ in range(8):
        child = os.fork()
        if child == 0:
            held = socket.socket()
            held.bind(("127.0.0.1", 0))
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
