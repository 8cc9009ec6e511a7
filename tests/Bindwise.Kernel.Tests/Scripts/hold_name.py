"""Listens on an abstract UNIX name: hold_name.py HEXADECIMAL (its bytes after the leading NUL)."""
import socket
import sys
from situation import inode, ready, stay

held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
held.bind(b"\0" + bytes.fromhex(sys.argv[1]))
held.listen()
ready(inode=inode(held))
stay()
