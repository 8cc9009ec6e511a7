"""Sends datagrams to a UDP socket of its own, with both sharing options on, until told to end: count_datagrams.py PORT PER-SECOND."""
import json
import select
import socket
import sys
from situation import ready

port, pause = int(sys.argv[1]), 1 / int(sys.argv[2])
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
receiver.bind(("0.0.0.0", port))
receiver.setblocking(False)
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ready()

sent = received = 0
while not select.select([sys.stdin], [], [], pause)[0]:
    sender.sendto(b"x", ("127.0.0.1", port))
    sent += 1
    # Loopback delivers within sendto(), or, on a busy machine, a while later: what is missing at the end is waited for.
    try:
        while True:
            receiver.recv(16)
            received += 1
    except BlockingIOError:
        pass
while received < sent and select.select([receiver], [], [], 60)[0]:
    receiver.recv(16)
    received += 1

print(json.dumps({"sent": sent, "received": received}), flush=True)
