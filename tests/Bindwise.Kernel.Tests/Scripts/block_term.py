"""Handles SIGTERM by its end, and lets it in only after SIGUSR1, as a server does that is busy: block_term.py WORDS..."""
import signal
import sys
from situation import inode, open_socket, ready, stay

signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR1])
held = open_socket(sys.argv[1:])
ready(inode=inode(held))
signal.sigwait([signal.SIGUSR1])
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
stay()
