"""The inside of a stage: loopback up, actors that start and stand, tools that run and are watched.

This process is pid 1 of the stage's PID namespace: what lives on the stage ends with it.
"""
import errno
import json
import os
import pathlib
import select
import socket
import subprocess
import time

import policy

NOBODY, SHOPKEEPER = 65534, 33
SHOP = "/srv/shop"
FIRST_PID = 4100
PATIENCE_SECONDS = 60
ENVIRONMENT = {"PATH": "/srv/npm/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
               "HOME": "/srv/home", "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1", "DOTNET_EnableDiagnostics": "0", "npm_config_update_notifier": "false"}
STATES = {"ESTABLISHED": 1, "FIN_WAIT1": 4, "FIN_WAIT2": 5, "TIME_WAIT": 6, "CLOSE_WAIT": 8, "LAST_ACK": 9}


class Scene:
    """What a situation is set up with."""

    def __init__(self):
        self.actors = []
        run(["ip", "link", "set", "lo", "up"])
        # Pids that no other number in a tool's output is taken for.
        pathlib.Path("/proc/sys/kernel/ns_last_pid").write_text(str(FIRST_PID))

    def act(self, script, words="", user=0, wrap=(), program="/usr/bin/python3", arguments=()):
        """Starts a script of /srv/actors and waits until it says that its situation stands; returns what it said.

        To the tools each is "python3 server.py": what it does is told to it on its standard input.
        """
        return self.start([*wrap, *as_user(user), program, "server.py", *arguments], f"{script} {words}")

    def start(self, command, words):
        """Starts any program that reads one line and says one line of JSON when it stands."""
        process = subprocess.Popen(command, cwd=SHOP, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self.actors.append(process)
        process.stdin.write(words.encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], PATIENCE_SECONDS)[0]:
            raise RuntimeError(f"{words}: says nothing")
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{words}: ended without a word")
        return json.loads(line)

    def set_up(self, command):
        run(command.split())

    def sysctl(self, name, value):
        pathlib.Path("/proc/sys", name.replace(".", "/")).write_text(value)

    def newest(self):
        """The youngest process: for those that another namespace numbers otherwise."""
        return max(living())

    def deny_binds(self):
        policy.enter()

    def freeze(self, pid):
        policy.freeze(pid)
        until(lambda: "frozen 1" in (policy.GROUP / "cgroup.events").read_text(), f"process {pid} frozen")

    def until_gone(self, pid):
        until(lambda: reap() or not pathlib.Path(f"/proc/{pid}").exists(), f"process {pid} gone")

    def until_process_state(self, pid, letter):
        until(lambda: process_state(pid) == letter, f"process {pid} in state {letter}")

    def until_socket(self, port, state):
        until(lambda: any(is_socket(line, port, STATES[state]) for line in tcp_table()), f"a socket of port {port} in {state}")


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stdout}")


def as_user(user):
    return ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups", "--"] if user else []


def until(is_so, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(0.01)


def reap():
    """Takes the orphans that ended: they are this process's children now. Not while a tool runs."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass
    except ChildProcessError:
        return


def process_state(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "-"
    return stat[stat.rindex(")") + 2]


def tcp_table():
    return [line.split() for name in ("tcp", "tcp6") for line in pathlib.Path(f"/proc/net/{name}").read_text().splitlines()[1:]]


def is_socket(fields, port, state):
    return int(fields[1].rsplit(":", 1)[1], 16) == port and int(fields[3], 16) == state


# --- what runs on it and what becomes of it ----------------------------------------------------------------------------

def run_tool(command, user):
    """A tool's output, standard error included, and its exit code."""
    try:
        done = subprocess.run([*as_user(user), *command], cwd="/srv/home", env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        return f"(does not end within {PATIENCE_SECONDS} s)", None
    return done.stdout.decode("utf-8", "backslashreplace"), done.returncode


def living():
    """The processes that are there, by pid: name and start time; an ended one that nobody collected does not count."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or entry.name == "1":
            continue
        try:
            stat = (entry / "stat").read_text()
            threads = len(list((entry / "task").iterdir()))
        except OSError:
            continue
        fields = stat[stat.rindex(")") + 2:].split()
        # A zombie whose threads live is a process that still holds what it has.
        if fields[0] != "Z" or threads > 1:
            found[int(entry.name)] = (stat[stat.index("(") + 1:stat.rindex(")")], fields[19])
    return found


def ended_by(action):
    """Runs an action; returns what it gave and the processes that ended meanwhile, as [pid, name]."""
    before = living()
    result = action()
    time.sleep(0.3)
    reap()
    after = living()
    return result, [[pid, name] for pid, (name, start) in sorted(before.items()) if after.get(pid, (None, None))[1] != start]


def try_bind(ask):
    """What bind() and listen() say to the one who asks: "ok", or the errno's name."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        if ask["user"]:
            os.setgroups([])
            os.setgid(ask["user"])
            os.setuid(ask["user"])
        os.write(write, answer_of(ask).encode())
        os._exit(0)
    os.close(write)
    answer = os.read(read, 100).decode()
    os.close(read)
    os.waitpid(pid, 0)
    return answer


def answer_of(ask):
    try:
        for address in ask["addresses"]:
            if ask["protocol"] == "unix":
                family, kind, where = socket.AF_UNIX, socket.SOCK_STREAM, address
            else:
                family = socket.AF_INET6 if ":" in address else socket.AF_INET
                kind = socket.SOCK_DGRAM if ask["protocol"] == "udp" else socket.SOCK_STREAM
                where = (address, ask["port"])
            with socket.socket(family, kind) as held:
                if family == socket.AF_INET6:
                    held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                if ask["device"]:
                    held.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, ask["device"].encode() + b"\0")
                for option in ask["options"]:
                    held.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
                held.bind(where)
                if kind == socket.SOCK_STREAM:
                    held.listen(1)
        return "ok"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
