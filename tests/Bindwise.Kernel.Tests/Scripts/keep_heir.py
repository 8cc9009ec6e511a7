"""The same, but the server stays: the creator and the one that inherited both hold the socket."""
import os
import subprocess
import sys
from situation import inode, open_socket, ready, stay

held = open_socket(sys.argv[1:])
os.set_inheritable(held.fileno(), True)
heir = subprocess.Popen(["/bin/sleep", "600"], close_fds=False, stdout=subprocess.DEVNULL)
ready(heir=heir.pid, inode=inode(held))
stay()
