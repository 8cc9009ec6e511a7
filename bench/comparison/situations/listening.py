"""Somebody listens, or holds the address by will."""
import pathlib
import shutil

import tools
from scene import SHOP, SHOPKEEPER
from situation import Situation

PROXY_COMMAND_LINE = len("docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80") + 1
LISTENS = {"that it listens": r"(?i)\blisten"}


def listener(scene):
    return [scene.act("hold.py", "tcp 0.0.0.0 8080 listen", user=SHOPKEEPER)["pid"]]


def forgotten(scene):
    # The shell ends, its background job goes to pid 1.
    return [scene.start(background("/usr/bin/python3"), "hold.py tcp 0.0.0.0 8080 listen")["pid"]]


def background(program):
    # A background job's standard input is /dev/null unless it is passed by another number.
    return ["/bin/sh", "-c", f"exec 3<&0; {program} server.py <&3 3<&- & exit"]


def specific(scene):
    return [scene.act("hold.py", "tcp 127.0.0.1 8080 listen")["pid"]]


def wildcard(scene):
    return [scene.act("hold.py", "tcp 0.0.0.0 8080 listen")["pid"]]


def dual_stack(scene):
    return [scene.act("hold.py", "tcp :: 8080 listen dual")["pid"]]


def pair(scene):
    return [scene.act("hold.py", "tcp 0.0.0.0 8080 listen reuseport")["pid"] for _ in range(2)]


def mismatch(scene):
    return [scene.act("hold.py", "tcp 0.0.0.0 8080 listen reuseport", user=SHOPKEEPER)["pid"]]


def prefork(scene):
    told = scene.act("prefork.py", "3 share tcp 0.0.0.0 8080 listen")
    return [told["pid"], *told["workers"]]


def respawning(scene):
    told = scene.act("respawn.py", "share tcp 0.0.0.0 8080 listen")
    return [told["pid"], told["worker"]]


def with_client(scene):
    pid = scene.act("hold.py", "tcp 0.0.0.0 8080 listen")["pid"]
    scene.act("dial.py", "127.0.0.1 8080")
    return [pid]


def both_protocols(scene):
    pid = scene.act("hold.py", "tcp 0.0.0.0 8080 listen")["pid"]
    scene.act("hold.py", "udp 0.0.0.0 8080")
    return [pid]


def deaf(scene):
    return [scene.act("ignore_term.py", "tcp 0.0.0.0 8080 listen")["pid"]]


def bound(scene):
    return [scene.act("hold.py", "tcp 0.0.0.0 8080")["pid"]]


def stopped(scene):
    pid = scene.act("hold.py", "tcp 0.0.0.0 8080 listen")["pid"]
    scene.set_up(f"/bin/kill -STOP {pid}")
    scene.until_process_state(pid, "T")
    return [pid]


def frozen(scene):
    pid = scene.act("hold.py", "tcp 0.0.0.0 8080 listen")["pid"]
    scene.freeze(pid)
    return [pid]


def deleted(scene):
    program = pathlib.Path(SHOP, "server")
    shutil.copy(shutil.which("python3", path="/usr/bin"), program)
    pid = scene.act("hold.py", "tcp 0.0.0.0 8080 listen", program=str(program))["pid"]
    program.unlink()
    return [pid]


def docker_proxy(scene):
    program = pathlib.Path(SHOP, "docker-proxy")
    shutil.copy(shutil.which("python3", path="/usr/bin"), program)
    # The arguments' bytes are the room for the command line that the actor writes over them.
    room = "-" * (PROXY_COMMAND_LINE - len(str(program)) - len("server.py") - 3)
    return [scene.act("proxy.py", "tcp 0.0.0.0 8080 listen", program=str(program), arguments=(room,))["pid"]]


def service_manager(scene):
    program = pathlib.Path(SHOP, "systemd")
    shutil.copy(shutil.which("python3", path="/usr/bin"), program)
    return [scene.start(background(program), "hold.py tcp 0.0.0.0 8080 listen")["pid"]]


def same_program(scene):
    program = pathlib.Path(SHOP, "nginx")
    shutil.copy(shutil.which("python3", path="/usr/bin"), program)
    return [scene.act("hold.py", "tcp 0.0.0.0 8080 listen", program=str(program))["pid"]]


def device(scene):
    scene.set_up("ip link add v0 type veth peer name v1")
    return [scene.act("hold.py", "tcp 0.0.0.0 8080 listen device=v0")["pid"]]


def nothing(_):
    return []


def udp(scene):
    return [scene.act("hold.py", "udp 0.0.0.0 8080")["pid"]]


def unix_listener(scene):
    return [scene.act("hold.py", "unix /srv/shop/app.sock listen")["pid"]]


def unix_left_over(scene):
    scene.until_gone(scene.act("hold.py", "unix /srv/shop/app.sock listen leave")["pid"])
    return []


def multipath(scene):
    return [scene.act("multipath.py", "8080")["pid"]]


UNIX = {"protocol": "unix", "target": "/srv/shop/app.sock", "addresses": ("/srv/shop/app.sock",)}

SITUATIONS = [
    Situation("listener", "A listener", "A server of another user listens on 0.0.0.0:8080.", listener, LISTENS, "blocked", ("listener",)),
    Situation("forgotten", "A forgotten background process", "A server was started in the background by a shell that is gone. Who knows it again knows it by its folder.",
              forgotten, {**LISTENS, "the folder that it was started in": r"/srv/shop"}, "blocked", ("listener",),
              commands={"lsof": ["sh", "-c", "lsof -w -nP -iTCP:8080; lsof -w -a -d cwd -p $(lsof -w -t -iTCP:8080)"]}),
    Situation("specific-under-wildcard", "The wildcard wanted, one address taken", "A server listens on 127.0.0.1:8080 only; another wants 0.0.0.0:8080.", specific,
              {**LISTENS, "the address that it listens on": r"127\.0\.0\.1:8080"}, "blocked", ("listener",), target="0.0.0.0:8080", addresses=("0.0.0.0",)),
    Situation("wildcard-over-specific", "One address wanted, the wildcard taken", "A server listens on 0.0.0.0:8080; another wants 127.0.0.1:8080.", wildcard,
              {**LISTENS, "that it covers every address": r"0\.0\.0\.0:8080|\*:8080"}, "blocked", ("listener",), target="127.0.0.1:8080", addresses=("127.0.0.1",)),
    Situation("dual-stack", "A dual-stack listener in the way of IPv4", "A server listens on [::]:8080 without IPV6_V6ONLY; another wants 0.0.0.0:8080.", dual_stack,
              {**LISTENS, "that it takes IPv4 too": r"(?i)dual-stack|v6only:0|IPv6\s+and\s+IPv4"}, "blocked", ("dual-stack-listener",), target="0.0.0.0:8080", addresses=("0.0.0.0",)),
    Situation("reuseport-pair", "Two listeners share the port", "Two servers share 0.0.0.0:8080 by SO_REUSEPORT; ending one of them does not free it.", pair,
              {**LISTENS, "that the port is shared (a line or entry for each)": r"(?s)(SO_REUSEPORT|LISTEN.*LISTEN)"}, "blocked", ("shared-listener",),
              target="0.0.0.0:8080", addresses=("0.0.0.0",)),
    Situation("reuseport-mismatch", "SO_REUSEPORT does not help", "A server of another user listens with SO_REUSEPORT; the new one sets it too, and is refused all the same.", mismatch,
              {**LISTENS, "that SO_REUSEPORT asks for the same user": r"(?i)same user|another user|different user"}, "blocked", ("reuseport-mismatch",),
              target="0.0.0.0:8080 --reuse-port", addresses=("0.0.0.0",), options=("SO_REUSEPORT",)),
    Situation("prefork", "A server with workers", "A parent listens and three workers have inherited the socket: four processes to end.", prefork, LISTENS, "blocked", ("listener",)),
    Situation("respawn", "Workers that come back", "A parent listens and starts another worker for each that ends.", respawning, LISTENS, "blocked", ("listener",)),
    Situation("client", "A server with a client", "A server listens, and a program on the same host is connected to it: the client is not in the way.", with_client, LISTENS, "blocked", ("listener",)),
    Situation("tcp-and-udp", "One number, two protocols", "A server listens on 8080/tcp, another program has 8080/udp. It is TCP that is wanted.", both_protocols, LISTENS, "blocked", ("listener",)),
    Situation("sigterm", "SIGTERM is ignored", "The server ignores SIGTERM.", deaf, LISTENS, "blocked", ("listener",)),
    Situation("bound", "Bound, not listening", "A process has bound 0.0.0.0:8080 and never called listen(). Newer versions of ss can list it (--bound-inactive).", bound,
              {"that the socket is bound": r"(?i)\b(un)?bound|UNCONN|BOUND"}, "blocked", ("bound-not-listening",), target="0.0.0.0:8080", addresses=("0.0.0.0",),
              commands={"ss": ["ss", "-tnpeB", "sport = :8080"]} if tools.newer_ss() else {}),
    Situation("stopped", "A stopped process", "The server was stopped (Ctrl-Z): it answers nobody and keeps its port.", stopped,
              {**LISTENS, "that the process is stopped": r"(?i)stopped|SIGCONT|-CONT\b"}, "blocked", ("stopped-process",)),
    Situation("frozen", "A frozen process", "The server's control group is frozen, as `docker pause` and `systemctl freeze` do.", frozen,
              {**LISTENS, "that the process is frozen": r"(?i)frozen|freez|thaw|paused"}, "blocked", ("frozen-process",)),
    Situation("deleted", "The program is deleted", "The server's file was replaced by a new build while the old one still runs.", deleted,
              {**LISTENS, "that its file is deleted": r"(?i)deleted"}, "blocked", ("listener",),
              commands={"lsof": ["sh", "-c", "lsof -w -nP -iTCP:8080; lsof -w -nP -a -d txt -p $(lsof -w -t -iTCP:8080)"]}),
    Situation("same-program", "The same program, started twice", "nginx says that it cannot bind, and the one that holds the port is an nginx (here a program of that name).", same_program,
              {**LISTENS, "that it is the same program": r"(?i)same program|already run|runs already|another (copy|instance)|twice"}, "blocked", ("same-program-twice",),
              target=("nginx: [emerg] bind() to 0.0.0.0:8080 failed (98: Address already in use)",), addresses=("0.0.0.0",)),
    Situation("docker-proxy", "A container's published port", "An engine's docker-proxy holds the port for a container (here a program of that name and with its arguments).", docker_proxy,
              {**LISTENS, "that it serves a container": r"(?i)container"}, "blocked", ("published-container-port",), spare="the container runs on, out of reach"),
    Situation("socket-activation", "Held on behalf of a service", "The service manager listens for a service that starts on demand (here a program of its name).", service_manager,
              {**LISTENS, "that the service manager holds it for a service": r"(?i)socket activation|socket unit|\.socket\b|on behalf"}, "blocked", ("socket-activation",),
              spare="all its services lose their manager"),
    Situation("device", "Bound to an interface", "A server listens on 0.0.0.0:8080 of one interface (SO_BINDTODEVICE); another wants all.", device,
              {**LISTENS, "the interface": r"\bv0\b"}, "blocked", ("listener",), target="0.0.0.0:8080", addresses=("0.0.0.0",)),
    Situation("no-device", "An interface that is not there", "A server asks for an interface (SO_BINDTODEVICE) that does not exist.", nothing,
              {"that there is no such interface": r"(?i)no (such )?interface|ENODEV"}, "blocked", ("device-mismatch",), target="0.0.0.0:8080 --device nosuch0",
              addresses=("0.0.0.0",), device="nosuch0"),
    Situation("multipath", "A Multipath TCP listener", "A server listens by MPTCP: the TCP socket in the way is the kernel's, its owner holds another one.", multipath,
              {**LISTENS, "that it is MPTCP": r"(?i)mptcp"}, "blocked", ("listener",),
              commands={"ss": ["ss", "-tManpoe", "sport = :8080"]}),
    Situation("udp", "A UDP socket", "A process holds 8080/udp.", udp, {"that it is a UDP socket": r"(?i)\budp|UNCONN"}, "blocked", ("udp-socket",), target="8080/udp", protocol="udp"),
    Situation("unix-listener", "A UNIX socket with a server", "A server listens on /srv/shop/app.sock.", unix_listener,
              {"that a server has it, not only a file": r"(?i)\blisten|\bbound to it"}, "blocked", ("unix-socket-listener",), **UNIX),
    Situation("unix-left-over", "A UNIX socket file without a server", "A server died and left its socket file: nothing holds it, and bind() fails.", unix_left_over,
              {"that nobody listens behind the file": r"(?i)left.?over|no (process|server|socket|one)|nobody|dead"}, "blocked", ("unix-socket-file",), **UNIX),
]
