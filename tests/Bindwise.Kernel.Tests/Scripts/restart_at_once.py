"""A server without SO_REUSEADDR that stops and starts without a pause until its input ends: restart_at_once.py PORT. Then counts starts and failures."""
import json
import os
import socket
import sys
from situation import ready

port = int(sys.argv[1])
os.set_blocking(0, False)
ready()
starts = failures = 0
while True:
    starts += 1
    server = socket.socket()
    try:
        server.bind(("0.0.0.0", port))
        server.listen()
    except OSError:
        failures += 1
    server.close()
    if starts % 64 == 0:
        try:
            if os.read(0, 1) == b"":
                break
        except BlockingIOError:
            pass
print(json.dumps({"starts": starts, "failures": failures}), flush=True)
