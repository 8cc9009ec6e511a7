"""A leader that has ended, with three living threads: zombie_tables.py LISTEN-WORDS. The socket stands in the table of the last one alone."""
import ctypes
import platform
import sys
import threading
from situation import inode, open_socket, ready, stay

CLONE_FILES = 0x400
EXIT = {"x86_64": 60, "aarch64": 93}[platform.machine()]
facts = {}
told = threading.Event()


def hold():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_FILES) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    held = open_socket(sys.argv[1:])
    facts.update(inode=inode(held), thread=threading.get_native_id())
    told.set()
    threading.Event().wait(600)


for body in (lambda: threading.Event().wait(600), lambda: threading.Event().wait(600), hold):
    threading.Thread(target=body).start()
told.wait()
ready(**facts)
ctypes.CDLL(None).syscall(EXIT, 0)
