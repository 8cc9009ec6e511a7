"""A process whose main thread has ended while another one lives on and keeps the socket: zombie_leader.py LISTEN-WORDS."""
import ctypes
import platform
import sys
import threading
from situation import inode, open_socket, ready, stay

EXIT = {"x86_64": 60, "aarch64": 93}[platform.machine()]

held = open_socket(sys.argv[1:])
number = inode(held)
threading.Thread(target=lambda: threading.Event().wait(600)).start()
ready(inode=number)
ctypes.CDLL(None).syscall(EXIT, 0)
