"""Runs a program that may have little: limit.py LIMIT PROGRAM WORDS..., LIMIT one of nofile=N, nproc=N (as a user that nobody else is), as=MIB, affinity=ERRNO, clone3=ERRNO."""
import ctypes
import os
import platform
import resource
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
CALLS = {"affinity": {"x86_64": 204, "aarch64": 123}[platform.machine()], "clone3": 435}


def answer_with(number, errno):
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | errno), (0x06, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    whole = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
    LIBC.prctl(38, 1, 0, 0, 0)
    if LIBC.prctl(22, 2, whole, 0, 0) != 0:
        sys.exit("no seccomp filter")


kind, value = sys.argv[1].split("=")
value, program = int(value), sys.argv[2:]
if kind in CALLS:
    answer_with(CALLS[kind], value)
elif kind == "nofile":
    resource.setrlimit(resource.RLIMIT_NOFILE, (value, value))
elif kind == "as":
    resource.setrlimit(resource.RLIMIT_AS, (value << 20, value << 20))
else:
    # The kernel counts the processes of a user on the whole host: of nobody there may be others.
    own = 1_000_000 + int.from_bytes(os.urandom(3), "big")
    os.setgroups([])
    os.setgid(own)
    os.setuid(own)
    resource.setrlimit(resource.RLIMIT_NPROC, (value, value))
os.execvp(program[0], program)
