"""A socket in flight through UNIX sockets that nobody receives: fly.py MANNER LISTEN-WORDS.

stream, datagram, packets: to another process, which has the receiving end and never reads; the sender keeps its end.
gone: the same, and the sender has ended. behind: behind a hundred other messages, some with descriptors.
unaccepted: to a listening UNIX socket whose process never accepts. nested: in a UNIX socket that is in flight itself.
elsewhere: the UNIX sockets belong to another network namespace. stopped: the receiver is stopped.
"""
import ctypes
import os
import signal
import socket
import sys
from situation import inode, open_socket, ready, stay

CLONE_NEWNET = 0x40000000
TYPES = {"datagram": socket.SOCK_DGRAM, "packets": socket.SOCK_SEQPACKET}

manner, words = sys.argv[1], sys.argv[2:]


def network(number):
    if ctypes.CDLL(None, use_errno=True).setns(number, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def child_without(ends):
    """A child that stays; it has closed its copies of these sockets when this returns."""
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        for end in ends:
            end.close()
        os.close(told)
        os.close(telling)
        stay()
    os.close(telling)
    os.read(told, 1)
    os.close(told)
    return child


def pair():
    if manner != "elsewhere":
        return socket.socketpair(socket.AF_UNIX, TYPES.get(manner, socket.SOCK_STREAM))
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    ends = socket.socketpair()
    # Somebody has to stay there: the namespaces of processes are what can be looked into.
    child_without(ends)
    network(own)
    return ends


def receive_never(theirs, *mine):
    child = child_without(mine)
    theirs.close()
    return child


if manner == "unaccepted":
    path = os.path.join(os.environ["TMPDIR"], "inbox")
    inbox = socket.socket(socket.AF_UNIX)
    inbox.bind(path)
    inbox.listen()
    here = socket.socket(socket.AF_UNIX)
    here.connect(path)
    carrier, receiver = inode(inbox), receive_never(inbox, here)
elif manner == "nested":
    here, middle = socket.socketpair()
    outer, there = socket.socketpair()
    carrier, receiver = inode(there), receive_never(there, outer, here, middle)
else:
    here, there = pair()
    carrier, receiver = inode(there), receive_never(there, here)

held = open_socket(words)
number = inode(held)
if manner == "behind":
    for i in range(100):
        reading, writing = os.pipe()
        socket.send_fds(here, [b"x"], [reading, writing] if i % 3 else [])
        os.close(reading)
        os.close(writing)
socket.send_fds(here, [b"x"], [1, held.fileno()])
held.close()
if manner == "nested":
    socket.send_fds(outer, [b"x"], [middle.fileno()])
    middle.close()
if manner == "stopped":
    os.kill(receiver, signal.SIGSTOP)
ready(inode=number, carrier=carrier, receiver=receiver)
if manner == "gone":
    sys.exit()
stay()
