"""Holders that descriptor tables do not show, or that the one who asks may not see."""
from scene import NOBODY, SHOPKEEPER
from situation import Situation

LISTENS = {"that it listens": r"(?i)\blisten"}


def inherited(scene):
    told = scene.act("leave_heir.py", "tcp 0.0.0.0 8080 listen")
    scene.until_gone(told["pid"])
    return [told["heir"]]


def passed_on(scene):
    return [scene.act("pass_on.py", "close tcp 0.0.0.0 8080 listen")["receiver"]]


def in_flight(scene):
    return [scene.act("fly.py", "stream tcp 0.0.0.0 8080 listen")["receiver"]]


def thread_table(scene):
    return [scene.act("thread_table.py", "tcp 0.0.0.0 8080 listen")["pid"]]


def zombie_leader(scene):
    pid = scene.act("zombie_leader.py", "tcp 0.0.0.0 8080 listen")["pid"]
    scene.until_process_state(pid, "Z")
    return [pid]


def ring(scene):
    return [scene.act("ring_hold.py", "tcp 0.0.0.0 8080 listen")["pid"]]


def mapped(scene):
    return [scene.act("map_hold.py", "tcp 0.0.0.0 8080 listen")["pid"]]


def kernel_socket(scene):
    scene.set_up("ip link add vx0 type vxlan id 1 dstport 4789")
    scene.set_up("ip link set vx0 up")
    return []


def below(scene):
    scene.act("hold.py", "tcp 0.0.0.0 8080 listen", wrap=("unshare", "--pid", "--fork", "--mount-proc"))
    return [scene.newest()]


def elsewhere(scene):
    return [scene.act("hold.py", "tcp 0.0.0.0 8080 listen", wrap=("unshare", "--net"))["pid"]]


def of_another_user(scene):
    return [scene.act("hold.py", "tcp 0.0.0.0 8080 listen", user=SHOPKEEPER)["pid"]]


def hidepid(scene):
    pid = scene.act("hold.py", "tcp 0.0.0.0 8080 listen", user=SHOPKEEPER)["pid"]
    scene.set_up("mount -o remount,hidepid=2 /proc")
    return [pid]


SITUATIONS = [
    Situation("inherited", "A child inherited the socket", "The server died; a `sleep` that it had started inherited the listening socket.", inherited,
              {**LISTENS, "that it is inherited": r"(?i)inherit"}, "blocked", ("inherited-descriptor",)),
    Situation("passed-on", "The socket was handed over", "The one who opened the socket sent it to another process and closed its own descriptor.", passed_on, LISTENS, "blocked",
              ("listener", "inherited-descriptor")),
    Situation("in-flight", "In flight over a UNIX socket", "A descriptor was sent over a UNIX socket and nobody has received it: it is in no process's table.", in_flight,
              {**LISTENS, "that it is on its way": r"(?i)flight|on its way|SCM_RIGHTS"}, "blocked", ("descriptor-in-flight",)),
    Situation("thread-table", "A thread's own table", "Only one thread's own descriptor table holds the socket (unshare(CLONE_FILES)).", thread_table,
              {**LISTENS, "that a thread has it": r"(?i)thread|tid"}, "blocked", ("hidden-descriptor", "listener"),
              commands={"ss": ["ss", "-tanpoeT", "sport = :8080"], "lsof": ["lsof", "-w", "-nP", "-K", "-a", "-iTCP:8080"]}),
    Situation("zombie-leader", "A zombie with a living thread", "The main thread has ended, another one lives and keeps the socket.", zombie_leader,
              {**LISTENS, "that the process is a zombie": r"(?i)zombie|defunct"}, "blocked", ("zombie-process",),
              commands={"ss": ["ss", "-tanpoeT", "sport = :8080"], "lsof": ["lsof", "-w", "-nP", "-K", "-a", "-iTCP:8080"]}),
    Situation("io-uring", "Registered with io_uring", "The descriptor was registered with an io_uring and closed: the ring holds the socket.", ring,
              {**LISTENS, "that an io_uring holds it": r"(?i)io_uring"}, "blocked", ("hidden-descriptor", "listener")),
    Situation("mapped", "Mapped into memory", "The socket was mapped (zero-copy receive) and its descriptor closed: the mapping holds it.", mapped,
              {**LISTENS, "that it is mapped": r"(?i)\bmap|\bmem\b|[.]m\b"}, "blocked", ("hidden-descriptor", "listener"),
              commands={"lsof": ["sh", "-c", "lsof -w -nP -iTCP:8080; lsof -w -nP -d mem | grep socket:"]}),
    Situation("kernel-socket", "The kernel's own socket", "A VXLAN interface holds its UDP port: no process has the socket.", kernel_socket,
              {"what in the kernel": r"(?i)vxlan"}, "blocked", ("kernel-socket",), target="4789/udp", port=4789, protocol="udp"),
    Situation("pid-namespace", "In a PID namespace of its own", "The server runs in another PID namespace, as in a container: it is pid 1 there and another here.", below, LISTENS, "blocked", ("listener",)),
    Situation("network-namespace", "In another network namespace", "A server listens on 8080 in another network namespace: the port is free here, and people wonder.", elsewhere,
              {"that it is another network namespace": r"(?i)network namespace"}, "free", ("free",)),
    Situation("another-user", "Another user's server, asked without rights", "A plain user asks about a port that www-data's server holds: its pid may not be read.", of_another_user,
              {**LISTENS, "whose it is": r"www-data|uid[: ]33\b|\b33\b"}, "blocked", ("owner-hidden",), user=NOBODY, owner_is_visible=False,
              commands={"netstat": ["sh", "-c", "netstat -tanpe | grep ':8080 '"]}),
    Situation("hidepid", "Processes hidden", "The same with /proc mounted hidepid=2.", hidepid,
              {**LISTENS, "whose it is": r"www-data|uid[: ]33\b|\b33\b", "that processes are hidden": r"(?i)hidepid|hidden|hides"}, "blocked", ("owner-hidden",), user=NOBODY,
              owner_is_visible=False, commands={"netstat": ["sh", "-c", "netstat -tanpe | grep ':8080 '"]}),
]
