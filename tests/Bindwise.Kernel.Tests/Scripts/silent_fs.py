"""
A FUSE file system (fuse(4)) that stops answering: it has one executable file, "file", and says nothing to the operations that it is told to be
silent about. Serves from a process of its own.
"""
import ctypes
import os
import stat
import struct

LOOKUP, FORGET, GETATTR, READLINK, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, ACCESS, INTERRUPT, BATCH_FORGET = \
    1, 2, 3, 5, 14, 15, 17, 18, 25, 26, 27, 28, 29, 34, 36, 42
ROOT, FILE = 1, 2
UNANSWERED = {FORGET, INTERRUPT, BATCH_FORGET}
ENOSYS = 38


def mount(folder, content=b"", silent=()):
    """Mounts the file system; returns (pid of its server, descriptor that gets a byte for each operation that stays unanswered, descriptor
    by whose first byte it becomes silent: until then it answers everything)."""
    if not os.path.exists("/dev/fuse"):
        os.mknod("/dev/fuse", stat.S_IFCHR | 0o600, os.makedev(10, 229))
    os.makedirs(folder, exist_ok=True)
    device = os.open("/dev/fuse", os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    if libc.mount(b"silent", folder.encode(), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), "mount")
    heard, tell = os.pipe()
    obey, order = os.pipe()
    os.set_blocking(obey, False)
    pid = os.fork()
    if pid == 0:
        serve(device, content, frozenset(silent), tell, obey)
        os._exit(0)
    os.close(device)
    os.close(tell)
    return pid, heard, order


def serve(device, content, silent, tell, obey):
    is_silent = False
    while True:
        request = os.read(device, (1 << 17) + 8192)
        _, operation, unique, node = struct.unpack_from("<IIQQ", request)
        if not is_silent:
            try:
                is_silent = os.read(obey, 1) != b""
            except BlockingIOError:
                pass
        if operation in UNANSWERED:
            continue
        if is_silent and operation in silent:
            os.write(tell, b".")
            continue
        answer, errno = b"", 0
        if operation == INIT:
            answer = struct.pack("<IIIIHHIIHHI", 7, 31, 1 << 16, 0, 12, 9, 1 << 16, 1, 32, 0, 0).ljust(64, b"\0")
        elif operation == LOOKUP:
            answer = struct.pack("<QQQQII", FILE, 0, 0, 0, 0, 0) + attributes(FILE, content)
        elif operation == GETATTR:
            answer = struct.pack("<QII", 0, 0, 0) + attributes(node, content)
        elif operation in (OPEN, OPENDIR):
            answer = struct.pack("<QII", 1, 0, 0)
        elif operation == READ:
            _, offset, size = struct.unpack_from("<QQI", request, 40)
            answer = content[offset:offset + size]
        elif operation not in (RELEASE, FLUSH, RELEASEDIR, ACCESS):
            errno = ENOSYS
        os.write(device, struct.pack("<IiQ", 16 + len(answer), -errno, unique) + answer)


def attributes(node, content):
    mode = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o755
    return struct.pack("<QQQQQQIIIIIIIIII", node, len(content), 8, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)
