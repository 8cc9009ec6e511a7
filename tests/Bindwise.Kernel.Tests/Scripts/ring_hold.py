"""A socket that an io_uring holds (IORING_REGISTER_FILES) after its descriptor was closed: ring_hold.py LISTEN-WORDS."""
import ctypes
import sys
from situation import inode, open_socket, ready, stay

# The same numbers on every architecture.
IO_URING_SETUP, IO_URING_REGISTER, REGISTER_FILES = 425, 427, 2

call = ctypes.CDLL(None, use_errno=True).syscall
held = open_socket(sys.argv[1:])
number = inode(held)
ring = call(IO_URING_SETUP, 4, ctypes.create_string_buffer(120))
if ring < 0 or call(IO_URING_REGISTER, ring, REGISTER_FILES, (ctypes.c_int * 1)(held.fileno()), 1) != 0:
    raise OSError(ctypes.get_errno(), "io_uring")
held.close()
ready(inode=number)
stay()
