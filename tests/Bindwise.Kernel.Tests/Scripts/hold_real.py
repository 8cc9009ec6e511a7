"""hold_real.py NAME BINDWISE: a real server under run --hold, ended by SIGKILL and by SIGTERM (of SIGHUP) while a client connects to it again and again.

Prints a line of JSON: how often it was started, whether each start answered, and the connections that were refused, reset and answered.
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

import run_real

ASYNCIO = """
import asyncio
async def serve(reader, writer):
    await reader.read(99)
    writer.write(b"HTTP/1.0 200 OK\\r\\n\\r\\nok")
    await writer.drain()
    writer.close()
async def main():
    async with await asyncio.start_server(serve, "127.0.0.1", 8080) as server:
        await server.serve_forever()
asyncio.run(main())
"""


def line(name, folder):
    if name == "asyncio":
        return [sys.executable, run_real.put("a.py", ASYNCIO)]
    if name == "http.server":
        run_real.put("ok", "ok")
        return [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "8080"]
    if name.endswith(".dll"):
        return ["dotnet", name, "--urls", "http://127.0.0.1:8080"]
    return run_real.command(name, folder)


class Client(threading.Thread):
    def __init__(self, name):
        super().__init__()
        self.server, self.ends, self.counts = name, False, {"answered": 0, "refused": 0, "reset": 0, "unanswered": 0}

    def run(self):
        while not self.ends:
            try:
                with socket.create_connection(("127.0.0.1", 8080), timeout=240) as one:
                    one.sendall(b"QUIT\r\n" if self.server == "redis" else b"GET / HTTP/1.0\r\n\r\n")
                    answer = b""
                    while part := one.recv(4096):
                        answer += part
                    self.counts["answered" if answer else "reset"] += 1
            except ConnectionRefusedError:
                self.counts["refused"] += 1
                time.sleep(0.001)
            except TimeoutError:
                self.counts["unanswered"] += 1
            except OSError:
                self.counts["reset"] += 1


def events(kind):
    try:
        # What has no end yet is still being written.
        return [one for one in map(json.loads, (line for line in open("events") if line.endswith("\n"))) if one["event"] == kind]
    except FileNotFoundError:
        return []


def until(condition):
    end = time.monotonic() + 240
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("in vain: " + open("error").read())
        time.sleep(0.01)


def main():
    name, bindwise = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        words = [bindwise, "run", "--hold", "--restart", "always", "--stop-timeout", "3m", "--events", "events", "--", *line(name, folder)]
        held = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=open("error", "w"))
        until(lambda: run_real.ask(name) or (name.endswith(".dll") and events("listen")))
        client = Client(name)
        client.start()
        answered = []
        for number, how in enumerate(("KILL", "HUP", "KILL"), 1):
            main_process = (events("started") + events("restarted"))[-1]["pid"]
            os.kill(main_process if how == "KILL" else held.pid, getattr(signal, "SIG" + how))
            until(lambda: len(events("restarted")) == number)
            before = client.counts["answered"]
            # Of the new one: the old one had ended before.
            until(lambda: client.counts["answered"] > before + 1)
            answered.append(True)
        client.ends = True
        client.join()
        held.terminate()
        code = held.wait()
        print(json.dumps({"starts": 1 + len(events("restarted")), "answered": answered, "code": code, "error": open("error").read()[-2000:], **{"counts": client.counts}}), flush=True)


main()
