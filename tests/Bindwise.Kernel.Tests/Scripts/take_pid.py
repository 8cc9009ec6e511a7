"""Takes the number of a process that has ended, and holds a socket: take_pid.py PID WORDS... (words: see acting.open_socket)."""
import os
import sys
from situation import open_socket, stay

wanted, words = int(sys.argv[1]), sys.argv[2:]
while os.path.exists(f"/proc/{wanted}"):
    pass
while True:
    with open("/proc/sys/kernel/ns_last_pid", "w") as last:
        last.write(str(wanted - 1))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        if os.getpid() != wanted:
            os._exit(1)
        for descriptor in (0, 1, 2):
            os.dup2(os.open("/dev/null", os.O_RDWR), descriptor)
        held = open_socket(words)
        os.write(write, b"x")
        stay()
    os.close(write)
    if os.read(read, 1):
        break
    os.waitpid(child, 0)
