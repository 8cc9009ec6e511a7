"""Opens a connection: dial.py ADDRESS PORT [from ADDRESS PORT]. The port that it goes out from is the one in question."""
import socket
import sys
from situation import inode, ready, stay

source = (sys.argv[4], int(sys.argv[5])) if len(sys.argv) > 3 else None
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
held = socket.socket(family)
held.settimeout(60)
if source:
    held.bind(source)
held.connect((sys.argv[1], int(sys.argv[2])))
ready(inode=inode(held), port=held.getsockname()[1])
stay()
