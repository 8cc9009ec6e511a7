"""Many processes, each with a few descriptors and none of them in question: crowd.py COUNT."""
import os
import socket
import sys
from situation import ready, stay

for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        held = [socket.socket() for _ in range(4)]
        stay()
ready()
stay()
