"""The situations. Each sets itself up, lets a server listen in one manner, and says what it saw: a cell of the table."""
import collections
import contextlib
import dataclasses
import fcntl
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

PORT = 8080
PATIENCE_SECONDS = 100
ANSWER_SECONDS = 30
LONG_SECONDS = 5
LONGEST_CELL = 330


@dataclasses.dataclass(frozen=True)
class Situation:
    """What it is called, what happens, and how it is played."""

    title: str
    story: str
    body: object
    is_about_a_port: bool


ALL = {}


def situation(name, title, story, is_about_a_port=False):
    def add(body):
        ALL[name] = Situation(title, story, body, is_about_a_port)
        return body
    return add


def play(name, manner, program):
    # What the situation itself holds must not be collected while the server tries.
    return ALL[name].body(lambda *words, **changes: Server([*changes.pop("before", []), "dotnet", program, manner, *words], **changes), manner)


class Server:
    """A server of one manner: what it said in its first line."""

    def __init__(self, command, environment=None, pass_fds=(), preexec=None):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        env={**os.environ, **(environment or {})}, pass_fds=pass_fds, preexec_fn=preexec)
        reap(self.process)
        timer = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        timer.start()
        began = time.monotonic()
        self.line = self.process.stdout.readline().strip() or "failed without a word"
        self.seconds = time.monotonic() - began
        timer.cancel()
        self.is_listening = self.line.startswith("listening ")
        if self.line.startswith("failed "):
            # What it was passed is open until it is gone.
            self.process.wait(PATIENCE_SECONDS)

    def told(self):
        text = self.line.partition(" ")[2]
        if self.is_listening:
            return "listens on " + ", ".join(f"`{one}`" for one in re.sub(r"udp (\S+)", r"\1/udp", text).split()) + self.after()
        if text.startswith("cannot be asked"):
            return text
        return f"ends{self.after()} without a word" if text == "without a word" else f"fails{self.after()}: {text}"

    def after(self):
        return f" after {self.seconds:.0f} seconds" if self.seconds > LONG_SECONDS else ""

    def has_the_port(self):
        return self.is_listening and f":{PORT}" in self.line

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def tidy(text):
    """One line for a cell: what changes from run to run made equal, and cut where it is long."""
    text = re.sub(r"\bpid \d+|\(\d+\)|\bprocess \d+", lambda found: re.sub(r"\d+", "N", found.group()), text).replace("|", "\\|")
    text = re.sub(r"/\S+/(\w[\w.]*)\.dll", r"\1.dll", text)
    text = re.sub(r"\b\d+(\.\d+)? s\b", "N s", text)
    text = re.sub(r":(3[2-9]|4\d|5\d|60)\d{3}\b", ":50000", text)
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL - 1] + "…"


def ask(host, port):
    """Who answers there: a process id as text; "refused"; "no answer"."""
    try:
        with socket.create_connection((host, port), timeout=ANSWER_SECONDS) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while chunk := client.recv(1000):
                answer += chunk
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "no answer"
    numbers = re.findall(rb"^(\d+)\s*$", answer, re.M)
    return numbers[-1].decode() if numbers else "no answer"


def held(address=("0.0.0.0", PORT), family=socket.AF_INET, kind=socket.SOCK_STREAM, only_v6=None):
    """A socket of somebody else, without an option."""
    made = socket.socket(family, kind)
    if only_v6 is not None:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only_v6)
    made.bind(address)
    if kind == socket.SOCK_STREAM:
        made.listen(16)
    return made


def sysctl(name, value):
    (pathlib.Path("/proc/sys") / name.replace(".", "/")).write_text(value)


OTHER = """
import os, socket, sys, threading

def answer(client):
    with client:
        if client.recv(1000):
            client.sendall(b"%d\\n" % os.getpid())

listener = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
if ":" in sys.argv[1]:
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
listener.bind((sys.argv[1], int(sys.argv[2])))
listener.listen(16)
print("ready", flush=True)
while True:
    threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
"""

CLIENT = """
import socket, sys
client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print("ready", flush=True)
client.recv(1)
client.close()
sys.stdin.read()
"""


@contextlib.contextmanager
def program(script, *words):
    """Another program, in Python and without an option; it has begun."""
    with subprocess.Popen([sys.executable, "-c", script, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline() != "ready\n":
            raise SystemExit("a program of the situation did not begin")
        reap(process)
        try:
            yield process
        finally:
            process.kill()


def reap(process):
    """Whoever waits for its end, as one who killed it, is not to wait for a zombie."""
    threading.Thread(target=process.wait, daemon=True).start()


def ended(process):
    try:
        # A busy machine may need it to end what was killed.
        process.wait(3)
    except subprocess.TimeoutExpired:
        return False
    return True


def outcome(server, others=()):
    """What the server said; whom it ended for that; and whom clients of the port reach, where that is not the server."""
    gone = [title for title, process in others if ended(process)]
    told = server.told()
    if server.is_listening and not server.has_the_port():
        reached = ask("127.0.0.1", PORT)
        whom = next((f"reach {title}" for title, process in others if str(process.pid) == reached), "are refused" if reached == "refused" else "get no answer")
        told += f"; clients of port {PORT} {whom}"
    return tidy((f"ends {' and '.join(gone)}; " if gone else "") + told)


@situation("own-time-wait", "A restart over its own TIME_WAIT", "The server answers a client, closes first, is killed, and is started again.", True)
def own_time_wait(start, manner):
    first = start(f"tcp:0.0.0.0:{PORT}")
    if not first.is_listening:
        raise SystemExit(f"the first start already {first.told()}")
    reset = ""
    with socket.create_connection(("127.0.0.1", int(first.line.rpartition(":")[2]))) as client:
        # HTTP/1.0: the server closes behind the answer.
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        try:
            while client.recv(1000):
                pass
        except ConnectionResetError:
            reset = "the client is reset; then it "
    first.kill()
    return reset + outcome(start(f"tcp:0.0.0.0:{PORT}"))


@situation("foreign-time-wait", "TIME_WAIT of a server without SO_REUSEADDR", "Another server, without the option, closed first and ended. The port is in TIME_WAIT.", True)
def foreign_time_wait(start, manner):
    with held() as listener:
        client = socket.create_connection(("127.0.0.1", PORT))
        listener.accept()[0].close()
    client.recv(1)
    client.close()
    return outcome(start(f"tcp:0.0.0.0:{PORT}"))


@situation("other-listener", "Another program listens", "Another program, without an option, listens on the port.", True)
def other_listener(start, manner):
    with program(OTHER, "0.0.0.0", PORT) as other:
        return outcome(start(f"tcp:0.0.0.0:{PORT}"), [("the other program", other)])


@situation("busy-listener", "Another program listens and has a client", "The same, and a client of that program, a third one on this host, is connected to it. "
           "Whoever kills the program leaves its end of the connection to the kernel, which keeps the port.", True)
def busy_listener(start, manner):
    with program(OTHER, "0.0.0.0", PORT) as other, program(CLIENT, PORT) as client:
        return outcome(start(f"tcp:0.0.0.0:{PORT}"), [("the other program", other), ("its client", client)])


@situation("twice", "The same server twice", "The server runs, and is started a second time. Twenty clients connect, where both run.", True)
def twice(start, manner):
    first = start(f"tcp:0.0.0.0:{PORT}")
    second = start(f"tcp:0.0.0.0:{PORT}")
    if ended(first.process) or not first.has_the_port() or not second.has_the_port():
        told = outcome(second, [("the first", first.process)])
        return told if told.startswith("ends the first") else f"the second {told}"
    asked = collections.Counter(ask("127.0.0.1", PORT) for _ in range(20))
    shares = [asked.pop(str(one.process.pid), 0) for one in (first, second)]
    return f"both run, without a word: {'each got some of the clients' if all(shares) else f'{shares[0]} clients reached the first, {shares[1]} the second'}"


@situation("dual-stack", "A dual-stack listener in the way of IPv4", "Another program listens on [::], for IPv4 too. The server wants 0.0.0.0.", True)
def dual_stack(start, manner):
    with program(OTHER, "::", PORT) as other:
        return outcome(start(f"tcp:0.0.0.0:{PORT}"), [("the other program", other)])


def crowd(host, kind, family=socket.AF_INET):
    """Sixteen ports to choose from, twelve of which are taken for half of what is wanted."""
    sysctl("net.ipv4.ip_local_port_range", "40000 40015")
    return [held((host, port), family, kind, only_v6=1 if family == socket.AF_INET6 else None) for port in range(40000, 40016) if port % 5]


def tries(start, wanted):
    """Ten starts: how many listened, and what the first that did not said."""
    good, failure = 0, None
    for _ in range(10):
        server = start(wanted)
        good += server.is_listening
        failure = failure or (None if server.is_listening else server.told())
        server.kill()
    return "10 of 10 starts listen" if good == 10 else tidy(f"{good} of 10 starts listen; else {re.sub(r'400[01][0-9]', 'N', failure)}")


@situation("localhost-0", "localhost, a port of the system's choice", "Both addresses of localhost, one port. Of the 16 ports there are, 12 are taken on [::1].")
def localhost_0(start, manner):
    others = crowd("::1", socket.SOCK_STREAM, socket.AF_INET6)
    told = tries(start, "localhost:0")
    del others
    return told


@situation("tcp-udp-0", "TCP and UDP on one port of the system's choice", "One port for both. Of the 16 ports there are, 12 are taken for UDP.")
def tcp_udp_0(start, manner):
    others = crowd("127.0.0.1", socket.SOCK_DGRAM)
    told = tries(start, "both:127.0.0.1:0") if "kestrel" not in manner else start("both:127.0.0.1:0").told()
    del others
    return told


@situation("at-once", "Eight servers at once, each on a free port", "Eight servers of one process listen at once, each on whatever port is free, twelve times over, in a range of 64 ports.")
def at_once(start, manner):
    sysctl("net.ipv4.ip_local_port_range", "40000 40063")
    return start("tcp:127.0.0.1:0", "at-once").line


@situation("unix-stale", "A UNIX socket file that a killed server left", "A server was killed and left its socket's file. The next one wants the path.")
def unix_stale(start, manner):
    held("/run/app.sock", socket.AF_UNIX).close()
    return tidy(start("unix:/run/app.sock").told())


@situation("unix-live", "A UNIX socket that has a server", "A server listens on the path. Another wants it.")
def unix_live(start, manner):
    other = held("/run/app.sock", socket.AF_UNIX)
    told = tidy(start("unix:/run/app.sock").told())
    other.close()
    return told


def passed(start, before=(), environment=None):
    """A service manager holds 127.0.0.1:8080 and passes it, as 'web'; the server's own address would be 127.0.0.1:8081."""
    listener = held(("127.0.0.1", PORT))
    # It may have the number 3 itself.
    high = fcntl.fcntl(listener.fileno(), fcntl.F_DUPFD_CLOEXEC, 100)
    listener.close()
    os.dup2(high, 3, inheritable=True)
    os.close(high)

    # The variables are set in the process that LISTEN_PID has to name.
    script = 'export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=web; ' + ('"$@"; exit $?' if before else 'exec "$@"')
    server = start(f"tcp:127.0.0.1:{PORT + 1}", before=["/bin/sh", "-c", script, "sh"], environment={**(environment or {}), "OWN_ADDRESS": "1"}, pass_fds=(3,))
    # The manager's own copy would let clients wait as long as they like.
    os.close(3)
    if not server.is_listening:
        return tidy(server.told())
    answers = ask("127.0.0.1", PORT).isdigit()
    return f"{tidy(server.told())}; clients of the passed socket {'are answered' if answers else 'wait in vain'}"


@situation("listen-fds", "A socket passed by the service manager", "127.0.0.1:8080 is passed (LISTEN_FDS); the server's own address would be 127.0.0.1:8081.")
def listen_fds(start, manner):
    return passed(start)


@situation("listen-fds-wrapper", "The same behind a wrapper script", "The script does not end in exec: LISTEN_PID is its id, not the server's.")
def listen_fds_wrapper(start, manner):
    if "bindwise" not in manner:
        return passed(start, before=True)
    told = [f"`ListenPidMismatch.{policy}`: {passed(start, True, {'BEHIND_WRAPPER': policy})}" for policy in ("Refuse", "Take")]
    return "; ".join(told)
