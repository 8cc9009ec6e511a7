"""A client of a web server: visit.py ADDRESS PORT [stay]. Asks for / and reads the answer; "stay" keeps the connection open after that."""
import socket
import sys
from situation import ready, stay

client = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=60)
keeps = len(sys.argv) > 3
client.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: %s\r\n\r\n" % (b"keep-alive" if keeps else b"close"))
client.recv(4096)
while not keeps and client.recv(4096):
    pass
ready()
if keeps:
    stay()
