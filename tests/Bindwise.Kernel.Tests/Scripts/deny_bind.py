"""Puts a BPF program on a cgroup's bind() hooks which refuses a port: deny_bind.py CGROUP PORT NAME [allow|deny=FAMILY:PROTOCOL:FIRST:COUNT]...
PORT 0 stands for all. With rules it has systemd's two maps (sd_bind_allow, sd_bind_deny) beside it, filled with them. hook=create refuses every
internet socket instead, hook=post the port once it is bound; to=PORT binds that port instead; errno=N refuses with that instead of EPERM; only=4
leaves IPv6 alone. The program stays as long as this process."""
import ctypes
import os
import platform
import socket
import struct
import sys
from situation import ready, stay

BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
MAP_CREATE, MAP_UPDATE, PROG_LOAD, PROG_ATTACH = 0, 2, 5, 8
SOCK, SOCK_ADDR = 9, 18
HOOKS = {"bind": {"4": 8, "6": 9}, "create": {"": 2}, "post": {"4": 12, "6": 13}}
LIBC = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    result = LIBC.syscall(BPF, command, buffer, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf command {command}")
    return result


def instruction(code, target=0, source=0, offset=0, constant=0):
    return struct.pack("<BBhi", code, target | source << 4, offset, constant)


def make_map(name, rules):
    array, nothing = 2, struct.pack("<IIHH", 0xFFFFFFFF, 0, 0, 0)
    held = bpf(MAP_CREATE, struct.pack("<IIIIIII16s", array, 4, 12, max(1, len(rules)), 0, 0, 0, name.encode()))
    for index, rule in enumerate(rules or [nothing]):
        key, value = ctypes.create_string_buffer(struct.pack("<I", index)), ctypes.create_string_buffer(rule)
        bpf(MAP_UPDATE, struct.pack("<IIQQQ", held, 0, ctypes.addressof(key), ctypes.addressof(value), 0))
    return held


def code_of(when, port, other, maps, errno):
    code = b""
    for held in maps:  # lddw r3, map: the program is known to use it from then on
        code += instruction(0x18, 3, 1, 0, held) + instruction(0)
    if when == "create":
        return instruction(0xB7, 0, 0, 0, 0) + instruction(0x95)
    code += instruction(0x61, 2, 1, 24 if when == "bind" else 44)  # r2 = ctx->user_port, of a socket src_port
    code += instruction(0xB7, 0, 0, 0, 1)  # r0 = 1: allowed
    if port:
        skipped = 2 if other else 3 if errno else 1
        code += instruction(0x55, 2, 0, skipped, socket.htons(port) if when == "bind" else port)
    if other:
        code += instruction(0xB7, 2, 0, 0, socket.htons(other)) + instruction(0x63, 1, 2, 24)  # ctx->user_port = r2
    else:
        if errno:
            code += instruction(0xB7, 1, 0, 0, -errno) + instruction(0x85, 0, 0, 0, 187)  # bpf_set_retval(-errno)
        code += instruction(0xB7, 0, 0, 0, 0)
    return code + instruction(0x95)


def load(name, kind, hook, code):
    held, licence = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL")
    attributes = struct.pack("<IIQQIIQII16sII", kind, len(code) // 8, ctypes.addressof(held), ctypes.addressof(licence), 0, 0, 0, 0, 0,
                             name.encode(), 0, hook)
    return bpf(PROG_LOAD, attributes)


folder, port, name, words = sys.argv[1], int(sys.argv[2]), sys.argv[3], [word.split("=") for word in sys.argv[4:]]
rules, when, other, errno, only = {"allow": [], "deny": []}, "bind", 0, 0, ""
for action, rule in words:
    if action == "hook":
        when = rule
        continue
    if action == "to":
        other = int(rule)
        continue
    if action == "errno":
        errno = int(rule)
        continue
    if action == "only":
        only = rule
        continue
    family, protocol, first, count = map(int, rule.split(":"))
    rules[action].append(struct.pack("<IIHH", family, protocol, count, first))
maps = [make_map("sd_bind_" + action, rules[action]) for action in ("allow", "deny")] if any(rules.values()) else []
group = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
for version, hook in HOOKS[when].items():
    if only and version != only:
        continue
    program = load(name + version, SOCK_ADDR if when == "bind" else SOCK, hook, code_of(when, port, other, maps, errno))
    bpf(PROG_ATTACH, struct.pack("<IIII", group, program, hook, 2))
ready()
stay()
