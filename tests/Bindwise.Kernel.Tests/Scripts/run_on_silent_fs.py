"""
A server whose files lie on a file system that stops answering: run_on_silent_fs.py exe|cwd WORDS. "exe": its executable was replaced there, so
that its link ends in " (deleted)"; "cwd": its working directory.
"""
import os
import sys
import tempfile
import silent_fs
from situation import open_socket, ready, stay

where, words = sys.argv[1], sys.argv[2:]
folder = tempfile.mkdtemp(prefix="silent-")
with open("/bin/sleep", "rb") as file:
    content = file.read()
everything = [silent_fs.LOOKUP, silent_fs.GETATTR, silent_fs.OPEN, silent_fs.READ, silent_fs.OPENDIR, silent_fs.READDIR, silent_fs.ACCESS]
server, heard, order = silent_fs.mount(folder, content, everything)
held = open_socket(words)
pid = os.fork()
if pid == 0:
    os.set_inheritable(held.fileno(), True)
    if where == "cwd":
        os.chdir(folder)
    os.execv("/bin/sleep" if where == "cwd" else folder + "/file", ["sleep", "600"])
held.close()
while open(f"/proc/{pid}/comm", encoding="ascii").read() not in ("sleep\n", "file\n"):
    pass
os.write(order, b"!")
ready(server=pid, folder=folder, filesystem=server)
stay()
