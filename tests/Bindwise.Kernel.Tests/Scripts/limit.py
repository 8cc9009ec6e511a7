"""Runs a program that may have little: limit.py LIMIT PROGRAM WORDS..., LIMIT one of nofile=N, fsize=BYTES, nproc=N (as a user that nobody else is), as=MIB, affinity=ERRNO, clone3=ERRNO."""
import os
import platform
import resource
import sys
from refusal import answer_with

CALLS = {"affinity": {"x86_64": 204, "aarch64": 123}[platform.machine()], "clone3": 435}

kind, value = sys.argv[1].split("=")
value, program = int(value), sys.argv[2:]
if kind in CALLS:
    answer_with(CALLS[kind], value)
elif kind == "nofile":
    resource.setrlimit(resource.RLIMIT_NOFILE, (value, value))
elif kind == "fsize":
    resource.setrlimit(resource.RLIMIT_FSIZE, (value, value))
    # The other program's runtime makes a file of gigabytes in memory for its code, unless told otherwise.
    os.environ["DOTNET_EnableWriteXorExecute"] = "0"
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
