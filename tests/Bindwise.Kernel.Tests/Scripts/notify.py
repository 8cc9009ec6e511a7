"""notify.py COMMAND...: starts a command as systemd does a service of Type=notify, and prints whether READY=1 came from the process that was started.

notify.py ready: is such a service.
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile

if sys.argv[1:] == ["ready"]:
    server = socket.socket()
    server.bind(("127.0.0.1", 8080))
    server.listen()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    server.settimeout(240)
    server.accept()
else:
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = folder + "/notify"
        manager.bind(path)
        manager.settimeout(240)
        manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        service = subprocess.Popen(sys.argv[1:], env={**os.environ, "NOTIFY_SOCKET": path})
        text, ancillary, _, _ = manager.recvmsg(100, 100)
        sender, _, _ = struct.unpack("3i", ancillary[0][2])
        socket.create_connection(("127.0.0.1", 8080)).close()
        print(text.decode(), sender == service.pid, service.wait())
