"""A listener whose command line reads like that of Docker's proxy: proxy.py LISTEN-WORDS.

The process has to be started with arguments of as many bytes as that command line has (COMMAND_LINE below).
"""
import os
import sys

from situation import open_socket, ready, stay

WORDS = "docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80"
COMMAND_LINE = b"\0".join(os.fsencode(word) for word in WORDS.split()) + b"\0"
ARG_START, ARG_END = 48, 49


def retitle():
    """Writes the command line over this process's own, in the memory that /proc/self/cmdline shows."""
    with open("/proc/self/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    # Fields count from 1, and the first two are before the parenthesis.
    start, end = int(fields[ARG_START - 3]), int(fields[ARG_END - 3])
    if end - start != len(COMMAND_LINE):
        raise RuntimeError(f"started with {end - start} bytes of arguments, {len(COMMAND_LINE)} are needed")
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(start)
        memory.write(COMMAND_LINE)


retitle()
held = open_socket(sys.argv[1:])
ready()
stay()
