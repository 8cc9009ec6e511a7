"""Runs a program that may bind only one TCP port, by Landlock: landlock.py ALLOWED PROGRAM WORDS..."""
import ctypes
import os
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
CREATE, ADD, RESTRICT = 444, 445, 446
BIND_TCP, PORT_RULE = 1, 2


def call(*words):
    result = LIBC.syscall(*words)
    if result < 0:
        raise OSError(ctypes.get_errno(), "landlock")
    return result


allowed, program = int(sys.argv[1]), sys.argv[2:]
attributes = ctypes.create_string_buffer(struct.pack("QQ", 0, BIND_TCP))
ruleset = call(CREATE, attributes, 16, 0)
rule = ctypes.create_string_buffer(struct.pack("QQ", BIND_TCP, allowed))
call(ADD, ruleset, PORT_RULE, rule, 0)
LIBC.prctl(38, 1, 0, 0, 0)
call(RESTRICT, ruleset, 0)
os.execvp(program[0], program)
