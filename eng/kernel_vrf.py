"""VRFs, which a host's kernel need not have: the part of eng/kernels that holds bind() of two of them against scenarios/vrf/binds.txt, the table of the model's tests,
and asks `why`. Its program is linked with the C library, so for this machine's processor only."""
import os
import pathlib
import shutil
import tempfile

from debian import fail, own_architecture, run

ROOT = pathlib.Path(__file__).resolve().parent.parent

# In a network namespace of its own: with the first VRF the kernel adds a rule of routing.
CHECK = r"""
[ ! -x /bin/vrf-binds ] || unshare -n sh /vrf
"""

HOST = r"""
. /situations-words
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
ip link set lo up
ip link add red type vrf table 10; ip link add blue type vrf table 20
for one in d1 d2 d3; do ip link add $one type dummy; done
ip link set d1 master red; ip link set d2 master blue
ip addr add 10.9.0.1/24 dev red; ip -6 addr add fd09::1/64 dev red
for one in 1 2 3; do ip addr add 10.$one.0.1/24 dev d$one; ip -6 addr add fd0$one::1/64 dev d$one; done
for one in red blue d1 d2 d3; do ip link set $one up; done
echo "== vrf"; vrf-binds
vrf-binds red & holder=$!
there 1F90 0A
why "outside of the VRF of a listener" 0.0.0.0:8080
why "inside of the VRF of a listener" 0.0.0.0:8080 --device red
why "an address of a VRF, outside" 10.1.0.1:8080
why "loopback, inside of a VRF" 127.0.0.1:8080 --device red
# What `why` advises there.
mkdir -p /run; mount -t cgroup2 none /sys/fs/cgroup
inside() { echo "== why $1"; shift; iproute2 vrf exec red bindwise why "$@" --json; }
inside "a listener, by ip vrf exec" 0.0.0.0:8080
inside "an address of a VRF, by ip vrf exec" 10.1.0.1:8081
kill $holder; wait $holder 2>/dev/null
"""

# What `why` says there.
EXPECTED = {
    "outside of the VRF of a listener": ("free", "free"),
    "inside of the VRF of a listener": ("blocked", "listener"),
    "an address of a VRF, outside": ("blocked", "device-mismatch"),
    "loopback, inside of a VRF": ("blocked", "device-mismatch"),
    "a listener, by ip vrf exec": ("blocked", "listener"),
    "an address of a VRF, by ip vrf exec": ("free", "free"),
}


def add(archive, arch, words, libraries):
    """The check, and its programs; `words` are the functions of the situations of `why`, `libraries` finds those of a program."""
    if arch == own_architecture():
        # The guest's own ip is busybox, which does not know `vrf exec`.
        ip = shutil.which("ip", path=os.environ["PATH"] + ":/usr/sbin:/sbin") or fail("no ip: apt-get install iproute2")
        archive.program("bin/iproute2", os.path.realpath(ip))
        for file in libraries(ip):
            archive.program(file.lstrip("/"), os.path.realpath(file))
        with tempfile.TemporaryDirectory() as work:
            run("clang", "-static", "-O1", "-Wall", "-o", f"{work}/vrf-binds", str(ROOT / "eng/vrf-binds.c"))
            archive.program("bin/vrf-binds", f"{work}/vrf-binds")
    archive.add("situations-words", words.encode())
    archive.add("vrf", HOST.encode())


def expected(arch):
    return EXPECTED if arch == own_architecture() else {}


def judged(text):
    """How many rows there are, and those that differ from the table."""
    recorded = [line for line in (ROOT / "scenarios/vrf/binds.txt").read_text().splitlines() if not line.startswith("#")]
    given = [line for line in text.splitlines() if ": " in line]
    return len(given), [f"recorded {one!r}, given {other!r}" for one, other in zip(recorded, given) if one != other] + ["other rows"] * (len(recorded) != len(given))
