"""A listener whose names are hostile: escape codes, a bell, line breaks, bidi marks, invalid UTF-8 in comm and argv."""
import ctypes
import os
import sys

NAME = b"\x1b[31mred\x07\n\xff"
ARGUMENTS = [b"evil\x1b]0;owned\x07", b"line\nbreak\r", b"bidi\xe2\x80\xaetxt", b"sep\xe2\x80\xa8x", b"bad\xff\xfeutf8", b"c1\xc2\x9b31m"]

if os.environ.get("BINDWISE_HOSTILE") != "1":
    os.environ["BINDWISE_HOSTILE"] = "1"
    command = [sys.executable, "-B", "-S", os.path.abspath(__file__), sys.argv[1]]
    os.execv(sys.executable, [os.fsencode(word) for word in command] + ARGUMENTS)

from situation import inode, open_socket, ready, stay

held = open_socket(["tcp", "0.0.0.0", sys.argv[1], "listen"])
ctypes.CDLL(None).prctl(15, NAME, 0, 0, 0)
ready(inode=inode(held))
stay()
