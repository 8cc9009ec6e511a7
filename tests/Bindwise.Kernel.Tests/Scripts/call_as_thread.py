"""bind() calls that fail under credentials or in a network namespace that only their thread has, or has for that call alone.

Prints the errno of each, and then stays for as long as standard input is open.
"""
import ctypes
import errno
import os
import socket
import subprocess
import sys
import threading

NOBODY = 65534
CLONE_NEWNET = 0x40000000
SYS_SETRESUID = {"x86_64": 117, "aarch64": 147}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
kept = []


def bind(port, listen=False):
    one = socket.socket()
    kept.append(one)
    try:
        one.bind(("127.0.0.1", port))
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)
        return
    if listen:
        one.listen()


def as_effective_user():
    os.seteuid(NOBODY)
    bind(81)
    os.seteuid(0)


def as_user_of_thread():
    # The call itself: the C library's setresuid() is for every thread.
    libc.syscall(SYS_SETRESUID, -1, NOBODY, -1)
    bind(84)
    ended.wait()


def in_network_of_thread():
    libc.unshare(CLONE_NEWNET)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    bind(9601, listen=True)
    bind(9601)
    ended.wait()


ended = threading.Event()
as_effective_user()
threads = [threading.Thread(target=one) for one in (as_user_of_thread, in_network_of_thread)]
for one in threads:
    one.start()
sys.stdin.read()
ended.set()
for one in threads:
    one.join()
