"""
Processes that are stuck in execve(), with the lock that whoever reads their links and stat waits for: a descriptor that closes on exec is of a
file system that does not answer. stick.py USER COUNT [fail|close] [WORDS]: they run as that user, and the first of them holds the socket that
WORDS name (see situation.open_socket). "fail": it tries to open it in vain before; "close": it gets stuck by SIGUSR1, closes it before, and a line
tells when it is stuck.
"""
import ctypes
import os
import signal
import sys
import tempfile
import silent_fs
from situation import open_socket, ready, stay

user, count, words = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
mode = words.pop(0) if words and words[0] in ("fail", "close") else None
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
folder = tempfile.mkdtemp(prefix="stick-")
server, heard, order = silent_fs.mount(folder, silent=[silent_fs.FLUSH])
os.write(order, b"!")


def stick(words):
    pid = os.fork()
    if pid:
        # The file system has been asked, and stays silent.
        assert mode == "close" or os.read(heard, 1) == b"."
        return pid
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    # The change of user has hidden it from its own user (PR_SET_DUMPABLE).
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
    if mode == "fail":
        try:
            open_socket(words)
        except OSError:
            pass
    elif words:
        held = open_socket(words)
        if mode is None:
            os.set_inheritable(held.detach(), True)
    os.open(folder + "/file", os.O_RDONLY | os.O_CLOEXEC)
    if mode == "close":
        signal.sigwait([signal.SIGUSR1])
        held.close()
    os.execv("/bin/sleep", ["sleep", "600"])


ready(stuck=[stick(words if i == 0 else []) for i in range(count)], server=server)
if mode == "close":
    os.read(heard, 1)
    print("stuck", flush=True)
stay()
