"""run_server.py ADDRESS PORT WORD...: binds without any option, listens, tells so in a line, then does what the words say.

clear: clears SO_REUSEADDR once it listens. serve: takes one connection and closes first, which leaves a TIME_WAIT here. stay: until its input ends.
again: binds one port higher on each line of input, and tells the result. fork: does all of it in a child. handle: ends with 9 on SIGINT.
"""
import errno
import json
import os
import signal
import socket
import sys

address, port, words = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
if "handle" in words:
    signal.signal(signal.SIGINT, lambda *_: os._exit(9))
if "fork" in words and os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))


def name(error):
    return errno.errorcode.get(error.errno, str(error.errno))


server = socket.socket()
try:
    server.bind((address, port))
    server.listen(8)
except OSError as error:
    print(json.dumps({"pid": os.getpid(), "error": name(error)}), flush=True)
    sys.exit(3)
if "clear" in words:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
reuse = server.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
print(json.dumps({"pid": os.getpid(), "port": server.getsockname()[1], "address": server.getsockname()[0], "reuse": reuse}), flush=True)
if "serve" in words:
    server.accept()[0].close()
if "again" in words:
    for _ in sys.stdin:
        port += 1
        try:
            socket.socket().bind((address, port))
            print(json.dumps({"error": ""}), flush=True)
        except OSError as error:
            print(json.dumps({"error": name(error)}), flush=True)
if "stay" in words:
    sys.stdin.read()
