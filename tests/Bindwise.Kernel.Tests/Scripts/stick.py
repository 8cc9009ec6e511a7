"""
Processes that are stuck in execve(), with the lock that whoever reads their links and stat waits for: a descriptor that closes on exec is of a
file system that does not answer. stick.py USER COUNT [WORDS]: they run as that user, and the first of them holds the socket that WORDS name
(see situation.open_socket).
"""
import ctypes
import os
import sys
import tempfile
import silent_fs
from situation import open_socket, ready, stay

user, count, words = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
folder = tempfile.mkdtemp(prefix="stick-")
server, heard, order = silent_fs.mount(folder, silent=[silent_fs.FLUSH])
os.write(order, b"!")


def stick(words):
    pid = os.fork()
    if pid:
        # The file system has been asked, and stays silent.
        assert os.read(heard, 1) == b"."
        return pid
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    # The change of user has hidden it from its own user (PR_SET_DUMPABLE).
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
    if words:
        os.set_inheritable(open_socket(words).detach(), True)
    os.open(folder + "/file", os.O_RDONLY | os.O_CLOEXEC)
    os.execv("/bin/sleep", ["sleep", "600"])


ready(stuck=[stick(words if i == 0 else []) for i in range(count)], server=server)
stay()
