"""Holds a socket and ends in its own time on SIGTERM, as servers do: hold_and_handle.py WORDS... (words: see situation.open_socket)."""
import signal
import sys
from situation import inode, open_socket, ready, stay

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
held = open_socket(sys.argv[1:])
ready(inode=inode(held))
stay()
