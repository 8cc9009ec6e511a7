"""A socket that only one thread's own descriptor table holds (unshare(CLONE_FILES)): thread_table.py LISTEN-WORDS."""
import ctypes
import sys
import threading
from situation import inode, open_socket, ready, stay

CLONE_FILES = 0x400


def hold():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_FILES) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    held = open_socket(sys.argv[1:])
    ready(inode=inode(held), thread=threading.get_native_id())
    threading.Event().wait(600)


threading.Thread(target=hold, daemon=True).start()
stay()
