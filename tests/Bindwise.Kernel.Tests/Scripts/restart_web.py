"""restart_web.py COUNT PORT BINDWISE PROGRAM...: restarts a web server under run --hold by SIGHUP while four clients ask it, each time on a new connection.

Prints a line of JSON: starts, and what became of the connections. closed: nothing was answered, but the server ended the connection in order (FIN), which
it can do only to one that it had accepted. reset: nothing was answered, and it was reset.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

count, port, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
counts = {"answered": 0, "refused": 0, "closed": 0, "reset": 0, "other": 0}
lock, ends, longest = threading.Lock(), threading.Event(), 0.0


def ask():
    global longest
    began, end = time.monotonic(), "other"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=240) as one:
            one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while part := one.recv(4096):
                answer += part
            end = "answered" if b" 200 OK" in answer else "other" if answer else "closed"
    except ConnectionRefusedError:
        end = "refused"
    except ConnectionError:
        end = "reset"
    except OSError:
        pass
    with lock:
        counts[end] += 1
        longest = max(longest, time.monotonic() - began)


def run():
    while not ends.is_set():
        ask()


def listening(events):
    """How many starts have listened."""
    seen, number = 0, False
    for line in open(events) if os.path.exists(events) else ():
        kind = json.loads(line)["event"] if line.endswith("\n") else ""
        if kind in ("started", "restarted"):
            number = True
        elif kind == "listen" and number:
            seen, number = seen + 1, False
    return seen


def until(condition, held, error):
    end = time.monotonic() + 240
    while not condition():
        if time.monotonic() > end or held.poll() is not None:
            raise SystemExit("in vain: " + open(error).read())
        time.sleep(0.005)


with tempfile.TemporaryDirectory() as folder:
    events, error = folder + "/events", folder + "/error"
    held = subprocess.Popen([command[0], "run", "--hold", "--stop-timeout", "3m", "--events", events, "--", *command[1:]], stdout=subprocess.DEVNULL, stderr=open(error, "w"))
    until(lambda: listening(events) == 1, held, error)
    clients = [threading.Thread(target=run) for _ in range(4)]
    for one in clients:
        one.start()
    for number in range(count):
        answered = counts["answered"]
        until(lambda: counts["answered"] > answered + 20, held, error)
        held.send_signal(signal.SIGHUP)
        until(lambda: listening(events) == number + 2, held, error)
    answered = counts["answered"]
    until(lambda: counts["answered"] > answered + 20, held, error)
    ends.set()
    for one in clients:
        one.join()
    held.terminate()
    held.wait()
    print(json.dumps({"starts": listening(events), **counts, "longest": round(longest * 1e3), "error": open(error).read()[-2000:]}), flush=True)
