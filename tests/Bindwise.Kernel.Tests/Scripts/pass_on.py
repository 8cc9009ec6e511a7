"""Passes a listening socket to a process that was there before it (SCM_RIGHTS): pass_on.py keep|close LISTEN-WORDS.

keep: both hold it. close: only the receiver does.
"""
import os
import socket
import sys
from situation import inode, open_socket, ready, stay

manner = sys.argv[1]
here, there = socket.socketpair()
receiver = os.fork()
if receiver == 0:
    here.close()
    _, received, _, _ = socket.recv_fds(there, 1, 1)
    there.send(b"x")
    stay()

held = open_socket(sys.argv[2:])
number = inode(held)
socket.send_fds(here, [b"x"], [held.fileno()])
here.recv(1)
if manner != "keep":
    held.close()
ready(receiver=receiver, inode=number)
stay()
