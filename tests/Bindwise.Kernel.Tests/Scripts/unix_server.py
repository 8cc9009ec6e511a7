"""unix_server.py PATH [WORD...]: a server on a UNIX socket, which ends with 3 and the errno's name where it cannot be bound; @NAME is an abstract name.

Each connection gets a line with its process id after it has sent one; the line "die" ends it by SIGKILL. once: ends after listen(), and leaves its file.
unlink: removes the file before bind(). twice: tells how a second bind() of the path went. nobody: becomes that user before.

restart BINDWISE PATH [WORD...]: runs such a server under run --hold and kills it while a client waits in its queue; tells what became of the client, whether the
next start has the same file, and how many starts there were.
"""
import errno
import json
import os
import signal
import socket
import subprocess
import sys


def name_of(path):
    return "\0" + path[1:] if path[0] == "@" else path


def serve(path, words):
    if "nobody" in words:
        os.setgid(65534)
        os.setuid(65534)
    if "unlink" in words and os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    try:
        server.bind(name_of(path))
    except OSError as error:
        print(errno.errorcode[error.errno], flush=True)
        sys.exit(3)
    second = None
    if "twice" in words:
        try:
            socket.socket(socket.AF_UNIX).bind(name_of(path))
            second = "ok"
        except OSError as error:
            second = errno.errorcode[error.errno]
    server.listen(16)
    print(json.dumps({"pid": os.getpid(), "second": second}), flush=True)
    if "once" in words:
        return
    while True:
        client, _ = server.accept()
        if client.makefile().readline() == "die\n":
            os.kill(os.getpid(), signal.SIGKILL)
        client.sendall(b"%d\n" % os.getpid())
        client.close()


def connect(path, line):
    client = socket.socket(socket.AF_UNIX)
    client.connect(path)
    client.sendall(line)
    return client


def restart(bindwise, path, words):
    run = subprocess.Popen([bindwise, "run", "--hold", "--", sys.executable, "-B", "-S", __file__, path, *words], stdout=subprocess.PIPE, text=True)
    facts = {"second": [], "waiting": [], "same": []}
    first = json.loads(run.stdout.readline())
    for _ in range(2):
        facts["second"].append(first["second"])
        file = os.stat(path).st_ino
        die = connect(path, b"die")
        # It waits in the queue, as the server reads from the one before it.
        waiting = connect(path, b"who\n")
        die.sendall(b"\n")
        try:
            answer = waiting.makefile().readline()
        except ConnectionResetError:
            answer = ""
        after = json.loads(run.stdout.readline())
        facts["waiting"].append("lost" if answer == "" else int(answer) == after["pid"])
        facts["same"].append(os.stat(path).st_ino == file)
        assert connect(path, b"who\n").makefile().readline() == "%d\n" % after["pid"]
        first = after
    run.terminate()
    run.wait()
    print(json.dumps(facts))


if sys.argv[1] == "restart":
    restart(sys.argv[2], sys.argv[3], sys.argv[4:])
else:
    serve(sys.argv[1], sys.argv[2:])
