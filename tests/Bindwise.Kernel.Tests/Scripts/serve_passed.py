"""A server with sockets from LISTEN_FDS: tells what it was passed, and answers one client on the first."""
import os
import socket
from situation import ready

count = int(os.environ["LISTEN_FDS"])
passed = [socket.socket(fileno=3 + index) for index in range(count)]
with socket.create_connection(("127.0.0.1", passed[0].getsockname()[1])) as client:
    passed[0].accept()[0].sendall(b"hello")
    answer = client.recv(5).decode()
ready(isMine=int(os.environ["LISTEN_PID"]) == os.getpid(), names=os.environ["LISTEN_FDNAMES"], ports=[one.getsockname()[1] for one in passed],
      kinds=[int(one.type) for one in passed], answer=answer)
