"""restart_under_load.py METHOD HOW COUNT [BINDWISE [PROGRAM...]]: restarts a server under the connections of several clients, and counts what becomes of these.

METHOD: hold (BINDWISE is the program; PROGRAM serves in place of this script), plain, reuseport (the new one before the old one ends), passed (LISTEN_FDS, from a parent that has the socket).
HOW: TERM, KILL, change (of a watched file) or overlap (SIGHUP with --overlap; the last two with bindwise only). Prints one line of JSON. A connection that fails after the ended
server had accepted it is told apart: before SIGKILL the server is stopped, and what it has open is listed.
"""
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

PORT = 8080
CLIENTS = 4
PATIENCE = 240


def serve(how):
    """One connection after the other: reads a byte, answers with its process id. On SIGTERM it ends between two connections."""
    wake, end = os.pipe()
    os.set_blocking(end, False)
    signal.set_wakeup_fd(end)
    signal.signal(signal.SIGTERM, lambda *_: None)
    if how == "passed":
        listener = socket.socket(fileno=3)
    else:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if how == "reuseport":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", PORT))
        listener.listen(128)
    listener.setblocking(False)
    while True:
        ready = select.select([listener, wake], [], [])[0]
        if wake in ready:
            return
        try:
            client = listener.accept()[0]
        except BlockingIOError:
            continue
        client.setblocking(True)
        try:
            if client.recv(1):
                client.sendall(b"%d\n" % os.getpid())
        except OSError:
            pass
        client.close()


class Clients:
    def __init__(self):
        self.lock, self.ends, self.latest = threading.Lock(), False, 0
        self.answered, self.refused, self.failed, self.other, self.longest = 0, 0, [], [], 0.0
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def run(self):
        while not self.ends:
            self.ask()

    def ask(self):
        began, port, connected = time.monotonic(), 0, False
        one = socket.socket()
        one.settimeout(PATIENCE)
        try:
            one.connect(("127.0.0.1", PORT))
            port, connected = one.getsockname()[1], True
            one.sendall(b"x")
            answer = b""
            while part := one.recv(64):
                answer += part
            with self.lock:
                if answer.endswith(b"\n"):
                    self.answered += 1
                    self.longest = max(self.longest, time.monotonic() - began)
                    self.latest = int(answer)
                else:
                    self.failed.append((port, began, time.monotonic(), f"{answer}"))
        except ConnectionRefusedError:
            self.refused += 1
            time.sleep(0.001)
        except (ConnectionResetError, BrokenPipeError) as error:
            with self.lock:
                self.failed.append((port, began, time.monotonic(), f"{type(error).__name__} connected={connected}"))
        except OSError as error:
            self.other.append(f"{error} connected={connected}")
        finally:
            one.close()

    def until_other_than(self, old):
        end = time.monotonic() + PATIENCE
        while self.latest in (0, *old):
            if time.monotonic() > end:
                raise SystemExit("no new server answers: " + json.dumps(self.other[-3:]))
            time.sleep(0.001)
        return self.latest


def accepted(pid):
    """The clients' ports of what a stopped process has accepted."""
    inodes = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            link = os.readlink(f"/proc/{pid}/fd/{name}")
        except OSError:
            continue
        if link.startswith("socket:["):
            inodes.add(link[8:-1])
    ports, missing = set(), inodes
    # The table changes while it is read, and a row can be passed over: the process is stopped, so what it has stays there.
    for _ in range(20):
        for row in [line.split() for line in open("/proc/net/tcp")][1:]:
            if row[9] in inodes:
                missing = missing - {row[9]}
                ports.add(int(row[2].rsplit(":", 1)[1], 16))
        if not missing:
            break
    return ports


def kill(pid, had):
    os.kill(pid, signal.SIGSTOP)
    while open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "T":
        time.sleep(0)
    now = time.monotonic()
    for port in accepted(pid):
        had.setdefault(port, []).append(now)
    os.kill(pid, signal.SIGKILL)


def started(method, passed):
    command = [sys.executable, "-S", "-E", os.path.abspath(__file__), "--serve", method]
    if method == "passed":
        number = passed.fileno()
        return subprocess.Popen(["/bin/sh", "-c", f'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&{number}', "sh", *command], pass_fds=[number])
    return subprocess.Popen(command)


def play(method, how, count, bindwise):
    had, server, passed, used = {}, None, None, set()
    with tempfile.TemporaryDirectory() as folder:
        file = folder + "/watched"
        open(file, "w").close()
        if method == "hold":
            watch = {"change": ["--watch", file], "overlap": ["--overlap"]}.get(how, [])
            program = bindwise[1:] or [sys.executable, "-S", "-E", os.path.abspath(__file__), "--serve", "bind"]
            line = [bindwise[0], "run", "--hold", "--restart", "always", "--stop-timeout", "3m", *watch, "--", *program]
            server = subprocess.Popen(line, stderr=subprocess.DEVNULL)
        else:
            if method == "passed":
                passed = socket.socket()
                passed.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                passed.bind(("127.0.0.1", PORT))
                passed.listen(128)
            server = started(method, passed)
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", PORT)).close()
                break
            except OSError:
                if time.monotonic() > end or server.poll() is not None:
                    raise SystemExit("the server does not start")
                time.sleep(0.005)
        clients = Clients()
        try:
            for _ in range(count):
                pid = clients.until_other_than(used)
                used.add(pid)
                time.sleep(random.random() * 0.02)
                if method == "hold":
                    if how == "change":
                        with open(file, "w") as changed:
                            changed.write("x")
                    elif how == "overlap":
                        server.send_signal(signal.SIGHUP)
                    elif how == "KILL":
                        kill(pid, had)
                    else:
                        os.kill(pid, signal.SIGTERM)
                    continue
                old = server
                if method == "reuseport":
                    server = started(method, passed)
                    clients.until_other_than(used)
                if how == "KILL":
                    kill(old.pid, had)
                else:
                    old.terminate()
                old.wait()
                if method != "reuseport":
                    server = started(method, passed)
            clients.until_other_than(used)
        finally:
            clients.ends = True
            for thread in clients.threads:
                thread.join()
            server.terminate()
            server.wait()
    # A port comes again after some time.
    lost = [one for one in clients.failed if not any(one[1] <= at <= one[2] for at in had.get(one[0], []))]
    print(json.dumps({"restarts": count, "connections": clients.answered + clients.refused + len(clients.failed) + len(clients.other), "answered": clients.answered,
                      "refused": clients.refused, "reset": len(lost), "accepted": len(clients.failed) - len(lost), "other": clients.other[:5], "lost": lost[:5],
                      "longest": round(clients.longest * 1e3)}), flush=True)


if sys.argv[1] == "--serve":
    serve(sys.argv[2])
else:
    play(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
