"""A server that starts again and again on one port until told to end (end of input): restart.py PORT.

Says at the end how often it started and how often bind() or listen() failed. Failures in a row count as one: what held the port once may
hold it until the next look.
"""
import errno
import json
import os
import select
import socket
import sys
from situation import ready

ready()
starts = failures = 0
failed = False
others = []
while not select.select([sys.stdin], [], [], 0)[0]:
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        starts += 1
        held.bind(("0.0.0.0", int(sys.argv[1])))
        held.listen()
        failed = False
    except OSError as e:
        failures += not failed
        failed = True
        others.append(errno.errorcode[e.errno])
    # As long as a start takes that reads its configuration first.
    select.select([], [], [], 0.002)
    held.close()

print(json.dumps({"starts": starts, "failures": failures, "errors": sorted(set(others))}), flush=True)
