"""Runs a program behind a seccomp filter that answers bind() (or the call that is named) with an errno: filter.py ERRNO[@CALL] PROGRAM WORDS..."""
import ctypes
import os
import platform
import struct
import sys

CALLS = {"bind": {"x86_64": 49, "aarch64": 200}, "listen": {"x86_64": 50, "aarch64": 201}, "none": {"x86_64": 999, "aarch64": 999},
         "seccomp": {"x86_64": 317, "aarch64": 277}, "pidfd_getfd": {"x86_64": 438, "aarch64": 438}, "process_vm_readv": {"x86_64": 310, "aarch64": 270}}
LIBC = ctypes.CDLL(None, use_errno=True)
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06

(errno, _, call), program = sys.argv[1].partition("@"), sys.argv[2:]
number = CALLS[call or "bind"][platform.machine()]
steps = [(LOAD, 0, 0, 0), (EQUAL, 0, 1, number), (RETURN, 0, 0, 0x50000 | int(errno)), (RETURN, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
whole = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
LIBC.prctl(38, 1, 0, 0, 0)
if LIBC.prctl(22, 2, whole, 0, 0) != 0:
    sys.exit("no seccomp filter")
os.execvp(program[0], program)
