"""What every actor does alike: opens sockets as its words tell, says that the situation stands, waits for the end.

Thousands of actors are started: what is behind the library's modules, without them, halves what one costs.
"""
import posix
import sys

import _signal
import _socket

# An actor that accepts or passes sockets on imports the library's before this.
socket = sys.modules.get("socket", _socket)
clients = []


def open_socket(words):
    """Opens and binds a socket from words: tcp|mptcp|udp ADDRESS PORT [listen] [reuseaddr] [reuseport] [v6only] [dual] [device=NAME]
    [backlog=N], or unix PATH [dgram|seqpacket] [padded] [listen] [backlog=N] [client]:
    with NULs up to the length of sun_path, and with a client that is connected, and not accepted."""
    kind, address, rest = words[0], words[1], words[2:]
    if kind == "unix":
        flags = dict((word.split("=", 1) + [""])[:2] for word in rest)
        of = socket.SOCK_DGRAM if "dgram" in flags else socket.SOCK_SEQPACKET if "seqpacket" in flags else socket.SOCK_STREAM
        held = socket.socket(socket.AF_UNIX, of)
        name = "\0" + address[1:] if address.startswith("@") else address
        held.bind(name.ljust(108, "\0") if "padded" in flags else name)
        if "listen" in flags:
            held.listen(int(flags.get("backlog") or 16))
        if "client" in flags:
            clients.append(socket.socket(socket.AF_UNIX, of))
            clients[-1].connect(held.getsockname())
        return held

    port, flags = int(rest[0]), dict((word.split("=", 1) + [""])[:2] for word in rest[1:])
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    held = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM, 262 if kind == "mptcp" else 0)
    if "reuseaddr" in flags:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if "reuseport" in flags:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if "device" in flags:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, flags["device"].encode() + b"\0")
    if "v6only" in flags or "dual" in flags:
        held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int("v6only" in flags))
    held.bind((address, port))
    if "listen" in flags:
        held.listen(int(flags.get("backlog") or 16))
    return held


def inode(held):
    return posix.fstat(held.fileno()).st_ino


def cookie(held):
    return int.from_bytes(held.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)


def drop_incoming(held):
    """A classic BPF program that drops every segment: what comes in for this socket is lost, as on a bad network."""
    import ctypes
    import struct

    program = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    held.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", 1, ctypes.addressof(program)))


def take_incoming(held):
    """Ends drop_incoming()."""
    held.setsockopt(socket.SOL_SOCKET, 27, 0)


def ready(**facts):
    facts = {"pid": posix.getpid(), **facts}
    if all(type(fact) is int for fact in facts.values()):
        text = str(facts).replace("'", '"')
    else:
        import json

        text = json.dumps(facts)
    print(text, flush=True)


def stay():
    while True:
        _signal.pause()
