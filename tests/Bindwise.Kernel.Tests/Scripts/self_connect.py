"""A connection that meets itself: bound to a port, connected to the same."""
import socket
import sys
from situation import inode, ready, stay

held = socket.socket()
held.bind(("127.0.0.1", int(sys.argv[1])))
held.connect(held.getsockname())
ready(inode=inode(held))
stay()
