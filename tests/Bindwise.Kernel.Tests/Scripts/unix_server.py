"""unix_server.py PATH [WORD...]: a server on a UNIX socket, which ends with 3 and the errno's name where it cannot be bound; @NAME is an abstract name.

Each connection gets a line with its process id after it has sent one; after the line "stay" it may send another, and "die" then ends the server by SIGKILL. once: ends after listen(), and leaves its file.
unlink: removes the file before bind(). twice: tells how a second bind() of the path went. nobody: becomes that user before. tidy: removes the file
at SIGTERM, and ends. shut: ends its listening at SIGTERM by shutdown(), and ends. private: the second start's file is for its owner alone. rename: binds PATH.new, and renames that.
probe: connects to the path first, ends with 3 and "answered" where somebody answers, and removes the file before bind(); it connects once more when it listens. near: uses the path
without its folder.

restart BINDWISE PATH [WORD...]: runs such a server under run --hold and kills it while a client waits in its queue; tells what became of the client and whether
the next start has the same file. tidy, shut: it is started again by SIGHUP instead. overlap: as run --overlap. At its end: the files of the folder.
"""
import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time


def name_of(path):
    return "\0" + path[1:] if path[0] == "@" else path


def answers(path):
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(name_of(path)) == 0


def serve(path, words):
    if "nobody" in words:
        os.setgid(65534)
        os.setuid(65534)
    if "tidy" in words:
        signal.signal(signal.SIGTERM, lambda *_: (os.unlink(path), os._exit(0)))
    if "private" in words:
        os.umask(0o077 if os.path.exists(path) else 0)
    if "near" in words:
        os.chdir(os.path.dirname(path))
        path = os.path.basename(path)
    if "probe" in words and answers(path):
        print("answered", flush=True)
        sys.exit(3)
    if ("unlink" in words or "probe" in words) and os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    try:
        server.bind(name_of(path) + (".new" if "rename" in words else ""))
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
    if "shut" in words:
        signal.signal(signal.SIGTERM, lambda *_: (server.shutdown(socket.SHUT_RDWR), os._exit(0)))
    if "rename" in words:
        os.rename(path + ".new", path)
    # With --overlap the other one may be removing the file.
    if "probe" in words and "overlap" not in words:
        second = "ok" if answers(path) else "refused"
    print(json.dumps({"pid": os.getpid(), "second": second}), flush=True)
    if "once" in words:
        return
    while True:
        client, _ = server.accept()
        lines = client.makefile()
        stays = lines.readline() == "stay\n"
        try:
            client.sendall(b"%d\n" % os.getpid())
        except BrokenPipeError:
            # Who only asks whether somebody answers.
            pass
        if stays and lines.readline() == "die\n":
            os.kill(os.getpid(), signal.SIGKILL)
        client.close()


def connect(path, line):
    client = socket.socket(socket.AF_UNIX)
    client.connect(name_of(path))
    client.sendall(line)
    return client


def file_of(path):
    return 0 if path[0] == "@" else os.stat(path).st_ino


def restart(bindwise, path, words):
    options = ["--overlap"] if "overlap" in words else []
    run = subprocess.Popen([bindwise, "run", "--hold", "--stop-timeout", "3m", *options, "--", sys.executable, "-B", "-S", __file__, path, *words], stdout=subprocess.PIPE, text=True)
    facts = {"second": [], "waiting": [], "same": []}
    first = json.loads(run.stdout.readline())
    for _ in range(2):
        facts["second"].append(first["second"])
        file = file_of(path)
        busy = connect(path, b"stay\n")
        assert busy.makefile().readline() == "%d\n" % first["pid"]
        # It waits in the queue, as the server reads from the one before it.
        waiting = connect(path, b"who\n")
        if "tidy" in words or "shut" in words:
            run.send_signal(signal.SIGHUP)
        else:
            busy.sendall(b"die\n")
        try:
            answer = waiting.makefile().readline()
        except ConnectionResetError:
            answer = ""
        after = json.loads(run.stdout.readline())
        if "overlap" in words:
            # The old one ends, and removes the file, once the new one is up; then it is put back.
            while os.path.exists("/proc/%d" % first["pid"]) or (path[0] != "@" and not os.path.exists(path)):
                time.sleep(0.01)
        facts["waiting"].append("lost" if answer == "" else int(answer) == after["pid"])
        facts["same"].append(file_of(path) == file)
        assert connect(path, b"who\n").makefile().readline() == "%d\n" % after["pid"]
        first = after
    if "private" in words:
        facts["mode"] = "%o" % (os.stat(path).st_mode & 0o777)
    run.terminate()
    run.wait()
    if path[0] != "@":
        facts["left"] = sorted(os.listdir(os.path.dirname(path)))
    print(json.dumps(facts))


if sys.argv[1] == "restart":
    restart(sys.argv[2], sys.argv[3], sys.argv[4:])
else:
    serve(sys.argv[1], sys.argv[2:])
