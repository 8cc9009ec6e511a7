"""A control group of a situation's own: its BPF programs refuse every bind(), as systemd has it for SocketBindDeny=any, or it is frozen."""
import ctypes
import os
import pathlib
import platform
import struct
import subprocess

BPF_CALL = {"x86_64": 321, "aarch64": 280}
PROG_LOAD, PROG_ATTACH = 5, 8
CGROUP_SOCK_ADDR = 18
ATTACH_TYPES = {"INET4_BIND": 8, "INET6_BIND": 9}
# r0 = 0; exit: 0 is "no" for these programs.
REFUSE = struct.pack("<BBhi", 0xB7, 0, 0, 0) + struct.pack("<BBhi", 0x95, 0, 0, 0)
MOUNT = pathlib.Path("/srv/cgroup")
GROUP = MOUNT / "bindwise-comparison"


def enter():
    """Moves this process into a group of its own in which bind() is refused."""
    make()
    folder = os.open(GROUP, os.O_RDONLY)
    for attach_type in ATTACH_TYPES.values():
        program = call(PROG_LOAD, load_attributes(attach_type))
        call(PROG_ATTACH, struct.pack("<IIII", folder, program, attach_type, 0))
        os.close(program)
    os.close(folder)
    (GROUP / "cgroup.procs").write_text("0")


def freeze(pid):
    """Moves a process into the group and freezes it."""
    make()
    (GROUP / "cgroup.procs").write_text(str(pid))
    (GROUP / "cgroup.freeze").write_text("1")


def make():
    subprocess.run(["mount", "-t", "cgroup2", "none", str(MOUNT)], check=True)
    GROUP.mkdir()


def leave():
    """Takes the group away, and with it the programs."""
    if not GROUP.exists():
        return
    (GROUP / "cgroup.freeze").write_text("0")
    for pid in (GROUP / "cgroup.procs").read_text().split():
        (MOUNT / "cgroup.procs").write_text(pid)
    GROUP.rmdir()


def load_attributes(attach_type):
    attributes = struct.pack("<IIQQIIQII16sII", CGROUP_SOCK_ADDR, len(REFUSE) // 8, address_of(REFUSE), address_of(b"GPL\0"), 0, 0, 0, 0, 0, b"refuse", 0, attach_type)
    return attributes


kept = []


def address_of(data):
    kept.append(ctypes.create_string_buffer(data, len(data)))
    return ctypes.addressof(kept[-1])


def call(command, attributes):
    library = ctypes.CDLL(None, use_errno=True)
    room = ctypes.create_string_buffer(attributes, len(attributes))
    result = library.syscall(BPF_CALL[platform.machine()], command, room, len(attributes))
    if result < 0:
        raise OSError(ctypes.get_errno(), f"bpf({command})")
    return result
