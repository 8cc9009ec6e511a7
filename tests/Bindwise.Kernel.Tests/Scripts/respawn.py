"""A server whose parent starts another worker for each that ends: respawn.py share|own LISTEN-WORDS.

share: the parent listens, and the workers inherit its socket. own: only the workers have sockets. On SIGTERM the parent ends its workers,
and itself.
"""
import os
import signal
import sys
from situation import open_socket, ready, stay

own, words = sys.argv[1] == "own", sys.argv[2:]
held = None if own else open_socket(words)
workers = set()


def start():
    read, write = os.pipe()
    worker = os.fork()
    if worker == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        mine = open_socket(words) if own else held
        os.write(write, b"x")
        stay()
    os.close(write)
    os.read(read, 1)
    os.close(read)
    workers.add(worker)
    return worker


def end(number, frame):
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
    for worker in workers:
        os.waitpid(worker, 0)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
first = start()
ready(worker=first)
while True:
    ended, _ = os.wait()
    workers.discard(ended)
    start()
