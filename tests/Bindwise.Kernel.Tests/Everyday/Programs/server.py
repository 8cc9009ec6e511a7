"""A server as a first lesson in sockets writes it: server.py PORT [reuse] [keep]. "reuse": with SO_REUSEADDR; "keep": it never closes."""
import socket
import sys

listener = socket.socket()
if "reuse" in sys.argv:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("0.0.0.0", int(sys.argv[1])))
listener.listen()
connections = []
while True:
    connection, _ = listener.accept()
    connections.append(connection)
    connection.recv(4096)
    connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    if "keep" not in sys.argv:
        connection.close()
