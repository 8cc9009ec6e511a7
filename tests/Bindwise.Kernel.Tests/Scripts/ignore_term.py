"""Holds a socket, and when SIGTERM comes says so and goes on: ignore_term.py WORDS... (words: see acting.open_socket)."""
import signal
import sys
from situation import inode, open_socket, ready, stay

signal.signal(signal.SIGTERM, lambda number, frame: print("SIGTERM", flush=True))
held = open_socket(sys.argv[1:])
ready(inode=inode(held))
stay()
