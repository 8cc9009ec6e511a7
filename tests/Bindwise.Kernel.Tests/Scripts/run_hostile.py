"""run_hostile.py WHAT: programs that a supervisor meets, each of which ends with a word.

rewrite: a thread changes the port while another binds it. crowd: many processes that bind at once. blind: no descriptor is left open.
pointers: addresses that cannot be read. namespaces: a user and network namespace of its own. full: no descriptor can be opened any more.
"""
import ctypes
import os
import resource
import socket
import struct
import sys
import threading

libc = ctypes.CDLL(None, use_errno=True)


def sockaddr(port):
    return struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), socket.inet_aton("127.0.0.1"))


def rewrite():
    room = ctypes.create_string_buffer(sockaddr(8000), 16)
    stop = threading.Event()

    def change():
        while not stop.is_set():
            ctypes.memmove(room, sockaddr(8000), 16)
            ctypes.memmove(room, sockaddr(8001), 16)

    changer = threading.Thread(target=change)
    changer.start()
    seen = set()
    for _ in range(300):
        one = socket.socket()
        if libc.bind(one.fileno(), room, 16) == 0:
            seen.add(one.getsockname()[1])
        one.close()
    stop.set()
    changer.join()
    return seen <= {8000, 8001} and len(seen) > 0


def crowd():
    children = []
    for number in range(60):
        child = os.fork()
        if child == 0:
            for step in range(50):
                one = socket.socket()
                try:
                    one.bind(("127.0.0.1", 10000 + (number * 50 + step) % 3000))
                    one.listen(1)
                except OSError:
                    pass
                one.close()
            os._exit(0)
        children.append(child)
    return all(os.waitpid(child, 0)[1] == 0 for child in children)


def blind():
    output = os.dup2(1, 500)
    os.closerange(0, 500)
    one = socket.socket()
    one.bind(("127.0.0.1", 8000))
    one.listen(1)
    try:
        socket.socket().bind(("127.0.0.1", 8000))
    except OSError as error:
        os.write(output, b"blind\n" if error.errno == 98 else b"wrong\n")
    os._exit(0)


def pointers():
    one = socket.socket()
    results = []
    for address, length in ((0, 16), (1, 16), (2**63, 16), (2**64 - 1, 128), (0, 0), (0, 2**31 - 1), (0, -1)):
        results.append(libc.bind(one.fileno(), ctypes.c_void_p(address), length))
    for descriptor in (-1, 2**30, 0, 1):
        results.append(libc.bind(descriptor, ctypes.c_void_p(1), 16))
        results.append(libc.listen(descriptor, 5))
    results.append(libc.setsockopt(one.fileno(), 1, 2, ctypes.c_void_p(1), 4))
    one.bind(("127.0.0.1", 8000))
    return set(results) == {-1}


def namespaces():
    if libc.unshare(0x10000000 | 0x40000000):
        return os.strerror(ctypes.get_errno()) == ""
    with socket.socket() as one:
        one.bind(("0.0.0.0", 80))
        one.listen(1)
        return one.getsockname()[1] == 80


def full():
    one = socket.socket()
    resource.setrlimit(resource.RLIMIT_NOFILE, (one.fileno() + 1, one.fileno() + 1))
    one.bind(("127.0.0.1", 8000))
    one.listen(1)
    return one.getsockname()[1] == 8000


print(sys.argv[1] if globals()[sys.argv[1]]() else "wrong", flush=True)
