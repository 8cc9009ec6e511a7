"""A TCP socket that only a memory mapping holds (tcp_mmap()): map_hold.py [fork] LISTEN-WORDS. Its descriptor is closed.

fork: a child has the mapping too.
"""
import ctypes
import os
import sys
from situation import inode, open_socket, ready, stay

READ, SHARED, PAGE = 1, 1, os.sysconf("SC_PAGE_SIZE")

words = sys.argv[1:]
forks = words[0] == "fork"
held = open_socket(words[forks:])
number = inode(held)
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
if libc.mmap(None, PAGE, READ, SHARED, held.fileno(), 0) in (None, ctypes.c_void_p(-1).value):
    raise OSError(ctypes.get_errno(), "mmap")
held.close()
child = os.fork() if forks else 0
if forks and child == 0:
    stay()
ready(inode=number, child=child)
stay()
