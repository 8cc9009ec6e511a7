"""Waits until a usual server can start: await_free.py PORT ADDRESS... binds with SO_REUSEADDR and listens on each, again and again for a while.

Ends with 0 once all succeed at the same moment, else with the last error on standard output.
"""
import socket
import sys
import time

PATIENCE_SECONDS = 240


def start(address, port):
    held = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    with held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((address, port))
        held.listen()


port, addresses, error = int(sys.argv[1]), sys.argv[2:], None
end = time.monotonic() + PATIENCE_SECONDS
while time.monotonic() < end:
    try:
        for address in addresses:
            start(address, port)
        sys.exit(0)
    except OSError as e:
        error = f"{address}: {e}"
        time.sleep(0.02)
print(error)
sys.exit(1)
