"""A seccomp filter on this process and what it starts, which answers one system call with an errno."""
import ctypes
import struct

LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
ERROR, ALLOW, KILL_PROCESS = 0x50000, 0x7FFF0000, 0x80000000
NO_NEW_PRIVS, SECCOMP, FILTER = 38, 22, 2
# Before a fork, in which nothing may be loaded.
LIBC = ctypes.CDLL(None, use_errno=True)


def answer_with(number, errno):
    install([(LOAD, 0, 0, 0), (EQUAL, 0, 1, number), (RETURN, 0, 0, ERROR | errno), (RETURN, 0, 0, ALLOW)])


def answer_internet_with(number, errno):
    """Only where the first argument is AF_INET or AF_INET6."""
    install([(LOAD, 0, 0, 0), (EQUAL, 0, 4, number), (LOAD, 0, 0, 16), (EQUAL, 1, 0, 2), (EQUAL, 0, 1, 10),
             (RETURN, 0, 0, ERROR | errno), (RETURN, 0, 0, ALLOW)])


def answer_family_with(number, errno, family):
    """Only where the first argument is this family."""
    install([(LOAD, 0, 0, 0), (EQUAL, 0, 3, number), (LOAD, 0, 0, 16), (EQUAL, 0, 1, family), (RETURN, 0, 0, ERROR | errno), (RETURN, 0, 0, ALLOW)])


def end_at(number):
    """The process is ended, as systemd's SystemCallFilter= does by itself."""
    install([(LOAD, 0, 0, 0), (EQUAL, 0, 1, number), (RETURN, 0, 0, KILL_PROCESS), (RETURN, 0, 0, ALLOW)])


def install(steps):
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    whole = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(code)))
    LIBC.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
    if LIBC.prctl(SECCOMP, FILTER, whole, 0, 0) != 0:
        raise SystemExit("no seccomp filter")
