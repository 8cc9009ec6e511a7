"""Puts a BPF program on a cgroup's bind() hooks which refuses a port: deny_bind.py CGROUP PORT NAME [errno=N] [late] [allow|deny=FAMILY:PROTOCOL:FIRST:COUNT]...
PORT 0 stands for all; errno: instead of EPERM; late: after the port was taken (post_bind).
With rules it has systemd's two maps (sd_bind_allow, sd_bind_deny) beside it, filled with them. The program stays as long as this process."""
import ctypes
import os
import platform
import socket
import struct
import sys
from acting import ready, stay

BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]
MAP_CREATE, MAP_UPDATE, PROG_LOAD, PROG_ATTACH = 0, 2, 5, 8
SOCK, SOCK_ADDR = 9, 18
HOOKS, LATE_HOOKS = {4: 8, 6: 9}, {4: 12, 6: 13}
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


def load(name, hook, port, maps, errno):
    code = b""
    for held in maps:  # lddw r3, map: the program is known to use it from then on
        code += instruction(0x18, 3, 1, 0, held) + instruction(0)
    is_late = hook in LATE_HOOKS.values()
    code += instruction(0x61, 2, 1, 44 if is_late else 24)  # r2 = ctx->src_port of the socket, or ctx->user_port of the address
    code += instruction(0xB7, 0, 0, 0, 1)  # r0 = 1: allowed
    if port:
        code += instruction(0x55, 2, 0, 3 if errno else 1, port if is_late else socket.htons(port))
    if errno:
        code += instruction(0xB7, 1, 0, 0, -errno) + instruction(0x85, 0, 0, 0, 187)  # bpf_set_retval(-errno)
    code += instruction(0xB7, 0, 0, 0, 0)
    code += instruction(0x95)
    held, licence = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL")
    attributes = struct.pack("<IIQQIIQII16sII", SOCK if is_late else SOCK_ADDR, len(code) // 8, ctypes.addressof(held), ctypes.addressof(licence), 0, 0, 0, 0, 0,
                             name.encode(), 0, hook)
    return bpf(PROG_LOAD, attributes)


folder, port, name, words = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4:]
errno = next((int(word.partition("=")[2]) for word in words if word.startswith("errno=")), 0)
hooks = LATE_HOOKS if "late" in words else HOOKS
words = [word for word in words if word.startswith(("allow=", "deny="))]
rules = {"allow": [], "deny": []}
for word in words:
    action, rule = word.split("=")
    family, protocol, first, count = map(int, rule.split(":"))
    rules[action].append(struct.pack("<IIHH", family, protocol, count, first))
maps = [make_map("sd_bind_" + action, rules[action]) for action in ("allow", "deny")] if words else []
group = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
for version, hook in hooks.items():
    bpf(PROG_ATTACH, struct.pack("<IIII", group, load(name + str(version), hook, port, maps, errno), hook, 2))
ready()
stay()
