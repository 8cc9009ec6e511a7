"""A server that starts a `sleep`, which inherits the listening socket, and dies: leave_heir.py LISTEN-WORDS."""
import os
import subprocess
import sys
from situation import inode, open_socket, ready

held = open_socket(sys.argv[1:])
os.set_inheritable(held.fileno(), True)
heir = subprocess.Popen(["/bin/sleep", "600"], close_fds=False, stdout=subprocess.DEVNULL)
ready(heir=heir.pid, inode=inode(held))
os._exit(0)
