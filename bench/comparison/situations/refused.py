"""bind() is refused, and no socket is to blame; and the one where nothing is wrong."""
from scene import NOBODY
from situation import Situation


def nothing(_):
    return []


def ports_exhausted(scene):
    scene.sysctl("net.ipv4.ip_local_port_range", "40000 40003")
    return [scene.act("fill_ports.py", "40000 40003")["pid"]]


def v6_off(scene):
    scene.sysctl("net.ipv6.conf.all.disable_ipv6", "1")
    return []


def tentative(scene):
    veth(scene)
    scene.sysctl("net.ipv6.conf.v0.dad_transmits", "60")
    scene.set_up("ip -6 address add 2001:db8::7/64 dev v0")
    return []


def link_local(scene):
    veth(scene)
    scene.set_up("ip -6 address add fe80::7/64 dev v0 nodad")
    return []


def veth(scene):
    scene.set_up("ip link add v0 type veth peer name v1")
    scene.set_up("ip link set v0 up")
    scene.set_up("ip link set v1 up")


def cgroup_policy(scene):
    # The tools are started by pid 1: the policy is put on the group that it moves into.
    scene.deny_binds()
    return []


SITUATIONS = [
    Situation("privileged-port", "A privileged port", "A plain user wants port 80; nobody has it.", nothing,
              {"that the port is privileged": r"(?i)privileged|ip_unprivileged_port_start"}, "blocked", ("privileged-port",), target="80", port=80, user=NOBODY),
    Situation("not-local", "An address of no interface", "A server wants 192.0.2.7, which this host does not have.", nothing,
              {"that the address is not this host's": r"(?i)no interface|not (a )?local|not assigned|EADDRNOTAVAIL"}, "blocked", ("address-not-local",),
              target="192.0.2.7:8080", addresses=("192.0.2.7",)),
    Situation("ipv6-off", "IPv6 is switched off", "A server wants [::1]; IPv6 is disabled by sysctl.", v6_off,
              {"that IPv6 is off": r"(?i)ipv6 is|disable_ipv6"}, "blocked", ("ipv6-disabled",), target="[::1]:8080", addresses=("::1",)),
    Situation("tentative", "An address that is not yet ready", "IPv6 still looks for a duplicate of the address (DAD).", tentative,
              {"that it is tentative": r"(?i)tentative|duplicate"}, "blocked", ("address-tentative",), target="[2001:db8::7]:8080", addresses=("2001:db8::7",)),
    Situation("scope", "A link-local address without its interface", "A server wants fe80::7 and does not say on which interface.", link_local,
              {"that the interface is missing": r"(?i)scope|which interface|%v0"}, "blocked", ("scope-missing",), target="[fe80::7]:8080", addresses=("fe80::7",)),
    Situation("exhausted", "No ephemeral port left", "A process holds every port of the ephemeral range; bind() to port 0 fails.", ports_exhausted,
              {"that the range is used up": r"(?i)used up|exhaust|ip_local_port_range|no port (is )?left"}, "blocked", ("ports-exhausted",), target="0.0.0.0:0", port=0, addresses=("0.0.0.0",),
              commands={"ss": ["ss", "-tanpoe"], "lsof": ["lsof", "-w", "-nP", "-iTCP"], "netstat": ["netstat", "-tanpe"]}),
    Situation("policy", "Denied by a cgroup's policy", "A BPF program on the control group refuses every bind(), as systemd's SocketBindDeny= does.", cgroup_policy,
              {"that a policy denies it": r"(?i)policy|cgroup|BPF"}, "blocked", ("denied-by-policy",)),
    Situation("free", "Free", "Nothing is in the way. To print nothing is right too.", nothing, {"nothing: there is nothing to tell": r""}, "free", ("free",),
              cause_is_demanded=False),
]
