"""A socket whose descriptor is closed while something still uses it, which keeps it: close_under_call.py MANNER SOCKET-WORDS.

MANNER, of a listener: accept, accept4, poll, ppoll, select, pselect, uring-accept (the ring open), uring-mapped (the ring closed too, its
mapping left), uring-registered (registered with such a ring, no request), aio-poll. Of a connection that the listener accepted (the listener
is closed): recv, recvmsg, recvmmsg, read, readv, splice, send, write, sendfile, uring-recv, linger (close() itself waits). Of any other
socket: recv, poll. reused-MANNER: the descriptor's number names another file afterwards.
"""
import ctypes
import os
import platform
import socket
import struct
import sys
import threading
import time
from situation import inode, open_socket, ready, stay

IO_URING_SETUP, IO_URING_ENTER, IO_URING_REGISTER, REGISTER_FILES = 425, 426, 427, 2
X64 = platform.machine() == "x86_64"
NUMBERS = {"poll": 7, "accept": 43, "accept4": 288, "ppoll": 271, "select": 23, "pselect": 270, "recvmmsg": 299, "splice": 275,
           "sendfile": 40, "io_setup": 206, "io_submit": 209} if X64 else \
          {"accept": 202, "accept4": 242, "ppoll": 73, "pselect": 72, "recvmmsg": 243, "splice": 76, "sendfile": 71, "io_setup": 0, "io_submit": 2}
OP_ACCEPT, OP_RECV = 13, 27
FUTEX = "202" if X64 else "98"

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
keep = []


def call(name, *args):
    number = name if isinstance(name, int) else NUMBERS[name]
    answer = libc.syscall(number, *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    if answer < 0:
        raise OSError(ctypes.get_errno(), str(name))
    return answer


def bits(fd):
    room = (ctypes.c_ulong * 16)()
    room[fd // 64] |= 1 << (fd % 64)
    return room


def poll_set(fd):
    return ctypes.create_string_buffer(struct.pack("iHHiHH", -1, 1, 0, fd, 1, 0))


def message():
    room = ctypes.create_string_buffer(4096)
    part = (ctypes.c_void_p * 2)(ctypes.addressof(room), 4096)
    header = ctypes.create_string_buffer(64)
    struct.pack_into("QIIQQQQI", header, 0, 0, 0, 0, ctypes.addressof(part), 1, 0, 0, 0)
    keep.extend((room, part))
    return header


def full(pipe):
    os.set_blocking(pipe, False)
    try:
        while True:
            os.write(pipe, b"x" * 65536)
    except BlockingIOError:
        os.set_blocking(pipe, True)


def until_full(fd):
    while True:
        os.write(fd, b"x" * 65536)


def from_file(fd):
    file = os.memfd_create("sent")
    os.ftruncate(file, 1 << 28)
    while True:
        call("sendfile", fd, file, 0, 1 << 24)


def from_full_pipe(fd):
    out, into = os.pipe()
    full(into)
    keep.append(out)
    call("splice", fd, 0, into, 0, 4096, 0)


def splice(fd):
    out, into = os.pipe()
    keep.append(out)
    call("splice", fd, 0, into, 0, 4096, 0)


def linger(fd):
    held = socket.socket(fileno=fd)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 600))
    held.setblocking(False)
    try:
        while True:
            held.send(b"x" * 65536)
    except BlockingIOError:
        held.setblocking(True)
    held.close()


CALLS = {
    "accept": lambda fd: call("accept", fd, 0, 0),
    "accept4": lambda fd: call("accept4", fd, 0, 0, 0),
    "poll": lambda fd: call("poll", poll_set(fd), 2, -1) if X64 else call("ppoll", poll_set(fd), 2, 0, 0, 8),
    "ppoll": lambda fd: call("ppoll", poll_set(fd), 2, 0, 0, 8),
    "select": lambda fd: call("select", fd + 1, bits(fd), 0, 0, 0) if X64 else call("pselect", fd + 1, bits(fd), 0, 0, 0, 0),
    "pselect": lambda fd: call("pselect", fd + 1, bits(fd), 0, 0, 0, 0),
    "recv": lambda fd: libc.recv(fd, ctypes.create_string_buffer(64), 64, 0),
    "recvmsg": lambda fd: libc.recvmsg(fd, message(), 0),
    "recvmmsg": lambda fd: call("recvmmsg", fd, message(), 1, 0, 0),
    "read": lambda fd: os.read(fd, 64),
    "readv": lambda fd: os.readv(fd, [bytearray(64)]),
    "splice": splice,
    "full-pipe": from_full_pipe,
    "write": until_full,
    "sendfile": from_file,
    "linger": linger,
}


def ring_of(entries=4):
    """A ring: its descriptor, its mapping of the two queues, that of the entries, and where the queue's tail stands."""
    parameters = ctypes.create_string_buffer(120)
    ring = call(IO_URING_SETUP, entries, parameters)
    tail, array = struct.unpack_from("I", parameters, 44)[0], struct.unpack_from("I", parameters, 64)[0]
    queues = libc.mmap(None, 4096, 3, 1, ring, 0)
    requests = libc.mmap(None, 4096, 3, 1, ring, 0x10000000)
    return ring, queues, requests, tail, array


def submit(ring, queues, requests, tail, array, operation, fd):
    room = ctypes.create_string_buffer(64)
    keep.append(room)
    length = 0 if operation == OP_ACCEPT else 64
    ctypes.memmove(requests, struct.pack("BBHiQQIIQ24x", operation, 0, 0, fd, 0, 0 if operation == OP_ACCEPT else ctypes.addressof(room), length, 0, 7), 64)
    ctypes.c_uint32.from_address(queues + array).value = 0
    ctypes.c_uint32.from_address(queues + tail).value += 1
    call(IO_URING_ENTER, ring, 1, 0, 0, 0, 0)


def aio_poll(fd):
    context = ctypes.c_ulong()
    call("io_setup", 4, ctypes.byref(context))
    block = ctypes.create_string_buffer(struct.pack("QIiHhIQQqQII", 9, 0, 0, 5, 0, fd, 1, 0, 0, 0, 0, 0))
    keep.append(block)
    call("io_submit", ctypes.c_ulong(context.value), 1, (ctypes.c_void_p * 1)(ctypes.addressof(block)))


def wait_until_it_waits(thread):
    """Until the thread sleeps in a system call, and not for Python's lock: at two looks, one after the other."""
    path, looks = f"/proc/self/task/{thread}/", 0
    for _ in range(20000):
        time.sleep(0.01)
        with open(path + "stat", encoding="ascii") as stat, open(path + "syscall", encoding="ascii") as called:
            sleeps = stat.read().rsplit(")", 1)[1].split()[0] == "S" and called.read().split()[0] not in ("running", "-1", FUTEX)
        looks = looks + 1 if sleeps else 0
        if looks == 2:
            return
    raise TimeoutError("the call does not wait")


manner, held = sys.argv[1], open_socket(sys.argv[2:])
is_reused, manner = manner.startswith("reused-"), manner.removeprefix("reused-")
peer = None
OF_CONNECTIONS = ("recv", "recvmsg", "recvmmsg", "read", "readv", "splice", "full-pipe", "write", "sendfile", "linger", "uring-recv")
if manner in OF_CONNECTIONS and "listen" in sys.argv:
    peer = socket.create_connection(held.getsockname())
    listener, (held, _) = held, held.accept()
    listener.close()
if manner == "full-pipe":
    peer.send(b"there is something to splice")
number, descriptor, thread = inode(held), held.fileno(), 0
if manner.startswith("uring"):
    ring, queues, requests, tail, array = ring_of()
    if manner == "uring-registered":
        call(IO_URING_REGISTER, ring, REGISTER_FILES, (ctypes.c_int * 1)(descriptor), 1)
    else:
        submit(ring, queues, requests, tail, array, OP_RECV if manner == "uring-recv" else OP_ACCEPT, descriptor)
    if manner in ("uring-mapped", "uring-registered"):
        os.close(ring)
elif manner == "aio-poll":
    aio_poll(descriptor)
else:
    fd = held.detach() if manner == "linger" else descriptor
    worker = threading.Thread(target=CALLS[manner], args=(fd,), daemon=True)
    worker.start()
    thread = worker.native_id
    wait_until_it_waits(thread)
if manner != "linger":
    os.close(held.detach())
if is_reused:
    null = os.open("/dev/null", os.O_RDONLY)
    if null != descriptor:
        os.dup2(null, descriptor)
ready(inode=number, thread=thread, descriptor=descriptor, call=manner)
stay()
