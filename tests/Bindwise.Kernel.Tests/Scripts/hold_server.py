"""hold_server.py FOLDER WORD...: a server to be started again and again. Each start tells in a line of JSON what it has, and answers each connection
with its process id after it has read a line; the line "die" ends it with 1, "exit" with 0, "leave" makes a child that outlives it first.

before, after: its epoll registration comes before bind() or after it. udp: datagrams in place of connections, each told in a line. peer: at the end the
socket is connected. device: it is for the interface lo alone. late: the second start waits until there is a file "go". again: before, the address is bound a thousand times more. async: the socket of the second
worker comes when the first one does not block. twice: tells how a
second bind() of the address went, and one after the socket was closed. more: the first start listens on 8081 too. zero: on a port of the kernel's choice
too. the line "unspec N" calls connect() with AF_UNSPEC and N bytes on the listener.
named: its thread has a name as those of .NET have. shut: the line "shut" shuts the listener down, with a thread in accept(), or in epoll_wait(). ignore: SIGTERM is ignored. workers: two sockets with SO_REUSEPORT.
bound: binds 8082 and never listens. probe: each start looks first whether 8080 is free on all addresses, by listening there. helper: the first start puts a
process into the background, whose parent has ended. fail: the second start ends at once with 9. hang: it never listens. v6: the first start listens on [::], the next on 127.0.0.1.
seen: a socket that listens already once it is bound gets no listen(), as in haproxy, and its epoll registration. blocking,
polls: without an epoll, by accept() or by poll(). copied: after bind() the socket goes on under another number.
"""
import ctypes
import errno
import fcntl
import json
import os
import select
import signal
import socket
import sys
import threading
import time

SO_BINDTOIFINDEX = 62
folder, words = sys.argv[1], sys.argv[2:]
count = folder + "/starts"
with open(count, "a") as file:
    file.write(".")
start = os.path.getsize(count)
if "fail" in words and start == 2:
    sys.exit(9)
if "hang" in words and start == 2:
    time.sleep(600)
while "late" in words and start == 2 and not os.path.exists(folder + "/go"):
    time.sleep(0.01)


def tell(**facts):
    # In one write: during an overlap the old one and the new one tell at the same time.
    os.write(1, (json.dumps(facts) + "\n").encode())


def handle(number, _):
    tell(signal=signal.Signals(number).name)
    if number == signal.SIGTERM:
        os._exit(5)


def listening(port, host="127.0.0.1", family=socket.AF_INET, share=False, poll=None):
    one = socket.socket(family)
    if share:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if poll and "before" in words:
        one.setblocking(False)
        poll.register(one, select.EPOLLIN)
    one.bind((host, port))
    if "copied" in words:
        copy = fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 50)
        one.close()
        one = socket.socket(fileno=copy)
    if "seen" not in words or not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        one.listen(16)
    if poll and {"after", "seen"} & set(words):
        one.setblocking(False)
        poll.register(one, select.EPOLLIN)
    return one


def inode(one):
    return os.fstat(one.fileno()).st_ino


def attempt(action):
    try:
        action()
        return ""
    except OSError as error:
        return errno.errorcode[error.errno]


for number in (signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
    signal.signal(number, handle)
if "ignore" in words:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "named" in words:
    PR_SET_NAME = 15
    ctypes.CDLL(None).prctl(PR_SET_NAME, b".NET Sockets", 0, 0, 0)
facts = {"pid": os.getpid(), "start": start}
if "udp" in words:
    def datagrams():
        one = socket.socket(type=socket.SOCK_DGRAM)
        if "device" in words:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
        one.bind(("127.0.0.1", 8080))
        return one

    for _ in range(1000 if "again" in words else 0):
        datagrams().close()
    server = datagrams()
    tell(**facts, inode=inode(server), device=server.getsockopt(socket.SOL_SOCKET, SO_BINDTOIFINDEX), peer=attempt(server.getpeername))
    while True:
        text = server.recv(99).decode()
        tell(text=text, start=start)
        if text == "die":
            if "peer" in words:
                server.connect(("127.0.0.1", 9))
            os._exit(1)
if "probe" in words:
    for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        facts[host] = attempt(lambda: listening(8080, host, family).close())
if "helper" in words and start == 1:
    reading, writing = os.pipe()
    if os.fork() == 0:
        helper = os.fork()
        if helper == 0:
            os.execvp("sleep", ["sleep", "600"])
        os.write(writing, b"%d" % helper)
        os._exit(0)
    os.wait()
    facts["helper"] = int(os.read(reading, 9))
poll = select.epoll() if {"before", "after", "seen"} & set(words) else None
if {"blocking", "polls"} & set(words):
    poll = select.poll() if "polls" in words else None
if "v6" in words:
    server = listening(8080, "::", socket.AF_INET6) if start == 1 else listening(8080)
else:
    server = listening(8080, share="workers" in words, poll=poll)
kept = []
if "async" in words:
    server.setblocking(False)
if "workers" in words:
    kept.append(listening(8080, share=True))
    facts["second"] = inode(kept[0])
if "more" in words and start == 1:
    kept.append(listening(8081))
if "zero" in words:
    kept.append(listening(0))
    facts["chosen"] = kept[-1].getsockname()[1]
if "bound" in words:
    kept.append(socket.socket())
    kept[-1].bind(("127.0.0.1", 8082))
if "twice" in words:
    other = socket.socket()
    facts["second"] = attempt(lambda: other.bind(("127.0.0.1", 8080)))
    child = os.fork() or time.sleep(600)
    server.close()
    other = socket.socket()
    facts["inherited"] = attempt(lambda: other.bind(("127.0.0.1", 8080)))
    os.kill(child, 9)
    os.waitpid(child, 0)
    server = socket.socket()
    facts["closed"] = attempt(lambda: (server.bind(("127.0.0.1", 8080)), server.listen(16)))
facts["blocks"], facts["inherits"] = os.get_blocking(server.fileno()), os.get_inheritable(server.fileno())
tell(**facts, inode=inode(server))
if "async" in words:
    server.setblocking(True)
while True:
    if poll:
        poll.poll()
    client = server.accept()[0]
    client.setblocking(True)
    line = client.makefile().readline().strip()
    if line == "shut" and poll:
        events = []
        waiting = threading.Thread(target=lambda: events.extend(poll.poll()))
        waiting.start()
        while open(f"/proc/self/task/{waiting.native_id}/syscall").read().split()[0] not in ("232", "281", "22"):
            time.sleep(0.01)
        server.shutdown(socket.SHUT_RDWR)
        waiting.join()
        client.sendall(f"{events[0][1] & select.EPOLLHUP} {attempt(server.accept)}\n".encode())
        client.recv(1)
        os._exit(1)
    if line == "shut":
        errors = []
        waiting = threading.Thread(target=lambda: errors.append(attempt(lambda: [server.accept() for _ in range(3)])))
        waiting.start()
        while open(f"/proc/self/task/{waiting.native_id}/syscall").read().split()[0] not in ("43", "288", "202", "242"):
            time.sleep(0.01)
        server.shutdown(socket.SHUT_RDWR)
        waiting.join()
        client.sendall(f"{errors[0]} {attempt(server.accept)}\n".encode())
        client.recv(1)
        os._exit(1)
    if line.startswith("unspec "):
        length = int(line.split()[1])
        other = socket.socket(type=socket.SOCK_DGRAM)
        other.connect(("127.0.0.1", 8080))
        for one in (other, server):
            ctypes.CDLL(None).connect(one.fileno(), bytes(length), length)
        # Longer ones are not handed over: then it is made to listen again, at once, but later.
        while length > 16 and not server.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            time.sleep(0.001)
        client.sendall(f"{server.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)} {attempt(other.getpeername)}\n".encode())
        client.recv(1)
        os._exit(1)
    if line == "leave" and os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    client.sendall(b"%d\n" % os.getpid())
    client.close()
    if line in ("die", "leave"):
        os._exit(1)
    if line == "exit":
        os._exit(0)
