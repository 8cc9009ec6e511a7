"""A server with workers: prefork.py COUNT share|own LISTEN-WORDS.

share: the parent listens and the workers inherit its socket. own: each worker opens one of its own (SO_REUSEPORT).
"""
import os
import sys
from situation import inode, open_socket, ready, stay

count, own, words = int(sys.argv[1]), sys.argv[2] == "own", sys.argv[3:]
held = None if own else open_socket(words)
workers = []
for _ in range(count):
    read, write = os.pipe()
    worker = os.fork()
    if worker == 0:
        mine = open_socket(words) if own else held
        os.write(write, b"x")
        stay()
    os.read(read, 1)
    os.close(read)
    os.close(write)
    workers.append(worker)

ready(workers=workers, inode=inode(held) if held else 0)
stay()
