"""A connection that nobody answers (SYN_SENT): its listener loses every segment. dial_in_vain.py SOURCE-PORT."""
import socket
import sys
from situation import drop_incoming, open_socket, ready, stay

listener = open_socket(["tcp", "127.0.0.1", "0", "listen"])
drop_incoming(listener)
held = socket.socket()
held.bind(("127.0.0.1", int(sys.argv[1])))
held.setblocking(False)
held.connect_ex(listener.getsockname())
ready()
stay()
