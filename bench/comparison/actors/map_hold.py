"""A socket that only a memory mapping holds (mmap() of the socket, then close()): map_hold.py LISTEN-WORDS."""
import ctypes
import sys

from situation import inode, open_socket, ready, stay

PROT_READ, MAP_SHARED, LENGTH = 1, 1, 4096

held = open_socket(sys.argv[1:])
number = inode(held)
call = ctypes.CDLL(None, use_errno=True).mmap
call.restype, call.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
if call(None, LENGTH, PROT_READ, MAP_SHARED, held.fileno(), 0) == ctypes.c_void_p(-1).value:
    raise OSError(ctypes.get_errno(), "mmap")
held.close()
ready(inode=number)
stay()
