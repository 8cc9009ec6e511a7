"""A server as tutorials print it: no option, one answer a client, closes first."""
import socket
import sys

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("", int(sys.argv[1])))
listener.listen(16)
while True:
    client, _ = listener.accept()
    with client:
        client.recv(100)
        client.sendall(b"hello\n")
