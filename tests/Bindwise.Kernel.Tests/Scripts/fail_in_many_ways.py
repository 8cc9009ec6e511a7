"""Programs of many languages, users and network namespaces whose calls fail: fail_in_many_ways.py FOLDER [PLAIN_WEB [BINDWISE]].

Prints one line of JSON, `{"fails": [{"address", "call", "result", "cause", "why", "program", "user"}, ...]}`, when all have failed; `why` is
the cause that `bindwise why` gives when the program has just failed, null where it was not asked. What stands in their way stays until standard input ends. Each address is used by one of them, and each has a user of its own, so that none takes of another's share.
Needs root, in namespaces of its own.
"""
import json
import os
import pathlib
import socket
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])
plain_web = sys.argv[2] if len(sys.argv) > 2 else None
bindwise = sys.argv[3] if len(sys.argv) > 3 else None
fails = []
kept = []
users = iter(range(20001, 30000))


def run(command, address, result="EADDRINUSE", cause="listener", call="bind", user=None, program=None, asks=True, **variables):
    user = next(users) if user is None else user
    name = program or pathlib.Path(command[0]).name[:15]
    subprocess.run(command, user=user, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=200,
                   env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **variables}, cwd="/")
    fails.append({"address": address, "call": call, "result": result, "cause": cause, "program": name, "user": user,
                  "why": why(address, cause, user, name) if bindwise and asks and cause and call == "bind" else None})


def why(address, cause, user, name):
    """The cause of the same bind() at this moment, in this namespace. What is no python3 here sets SO_REUSEADDR, as servers do."""
    target = address + ("/udp" if cause == "udp-socket" else "")
    command = [bindwise, "why", target, "--user", str(user), "--json", *(["--plain"] if name == "python3" else [])]
    told = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200).stdout
    return json.loads(told)["cause"]


def python(code, address, *told, **how):
    run(["python3", "-S", "-c", "import os, socket\n" + code], address, *told, **how)


def listen(family, address, port, v6_only=None, kind=socket.SOCK_STREAM):
    one = socket.socket(family, kind)
    if kind == socket.SOCK_STREAM:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if v6_only is not None:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6_only)
    one.bind((address, port))
    if kind == socket.SOCK_STREAM:
        one.listen()
    kept.append(one)


for held in 5000, *range(7001, 7009):
    listen(socket.AF_INET, "127.0.0.1", held)
listen(socket.AF_INET, "127.0.0.1", 7010, kind=socket.SOCK_DGRAM)
listen(socket.AF_INET6, "::", 7011, v6_only=1)
listen(socket.AF_INET6, "::", 7012, v6_only=0)

# Languages.
python("socket.socket().bind(('127.0.0.1', 7001))", "127.0.0.1:7001", program="python3")
# A program that is gone in a millisecond: it binds, and ends.
(folder / "once.c").write_text("""
    #include <arpa/inet.h>
    int main(void) {
        struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(7002), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&at, sizeof at) != 0;
    }
    """)
subprocess.run(["clang", "-O1", "-o", folder / "once", folder / "once.c"], check=True)
run([str(folder / "once")], "127.0.0.1:7002")
run(["perl", "-MSocket", "-e", "socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(7003, INADDR_LOOPBACK)) or die $!"], "127.0.0.1:7003")
run(["ruby", "-rsocket", "-e", "TCPServer.new('127.0.0.1', 7004)"], "127.0.0.1:7004")
run(["php", "-r", "stream_socket_server('tcp://127.0.0.1:7005');"], "127.0.0.1:7005")
run(["node", "-e", "require('net').createServer().listen(7006, '127.0.0.1')"], "127.0.0.1:7006")
(folder / "Once.java").write_text("class Once { public static void main(String[] a) throws Exception {"
                                  " new java.net.ServerSocket(7007, 1, java.net.InetAddress.getByName(\"127.0.0.1\")); } }")
# Java binds IPv4 as an IPv6 address of both families.
run(["java", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", str(folder / "Once.java")], "[::ffff:127.0.0.1]:7007", program="java")
(folder / "nginx.conf").write_text(f"pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; server {{ listen 127.0.0.1:7008; }} }}")
run(["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], "127.0.0.1:7008", user=0)
if plain_web:
    run([plain_web], "127.0.0.1:5000", DOTNET_ROOT=os.environ.get("DOTNET_ROOT", ""))

# Ways to fail.
python("socket.socket(type=socket.SOCK_DGRAM).bind(('127.0.0.1', 7010))", "127.0.0.1:7010", cause="udp-socket", program="python3")
python("socket.socket(socket.AF_INET6).bind(('::1', 7011))", "[::1]:7011", program="python3")
python("socket.socket().bind(('127.0.0.1', 7012))", "127.0.0.1:7012", cause="dual-stack-listener", program="python3")
python("socket.socket().bind(('127.0.0.1', 80))", "127.0.0.1:80", result="EACCES", cause="privileged-port", program="python3")
python("socket.socket().bind(('192.0.2.7', 7013))", "192.0.2.7:7013", result="EADDRNOTAVAIL", cause="address-not-local", program="python3")
python("one, other = socket.socket(), socket.socket()\n"
       "for s in one, other: s.setsockopt(1, 2, 1); s.bind(('127.0.0.1', 7014))\n"
       "one.listen(); other.listen()", "127.0.0.1:7014", call="listen", cause=None, program="python3")
path = str(folder / "held.sock")
held = socket.socket(socket.AF_UNIX)
held.bind(path)
held.listen()
os.chmod(path, 0o777)
kept.append(held)
python(f"socket.socket(socket.AF_UNIX).bind({path!r})", path, cause="unix-socket-listener", program="python3")

# TIME_WAIT: the server closes first.
server = socket.socket()
server.bind(("127.0.0.1", 7015))
server.listen()
client = socket.create_connection(("127.0.0.1", 7015))
server.accept()[0].close()
client.recv(1)
client.close()
server.close()
python("socket.socket().bind(('127.0.0.1', 7015))", "127.0.0.1:7015", cause="time-wait", program="python3")

# connect() without a port.
listen(socket.AF_INET, "127.0.0.1", 7016)
pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("40000 40001")
for _ in range(2):
    kept.append(socket.create_connection(("127.0.0.1", 7016)))
python("socket.socket().connect(('127.0.0.1', 7016))", "127.0.0.1:7016", result="EADDRNOTAVAIL", call="connect",
       cause="ports-exhausted", program="python3")

python("one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); one.bind(('127.0.0.1', 7020)); one.listen()", "127.0.0.1:7020",
       result="EOPNOTSUPP", call="listen", cause=None, program="python3")
# MPTCP, which is TCP to whoever binds it.
listen(socket.AF_INET, "127.0.0.1", 7021)
python("socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).bind(('127.0.0.1', 7021))", "127.0.0.1:7021", program="python3")
listen(socket.AF_INET6, "::", 7022, kind=socket.SOCK_DGRAM)
python("socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).bind(('::', 7022))", "[::]:7022", cause="udp-socket", program="python3")
bound = socket.socket()
bound.bind(("127.0.0.1", 7023))
kept.append(bound)
python("socket.socket().bind(('127.0.0.1', 7023))", "127.0.0.1:7023", cause="bound-not-listening", program="python3")
# SO_REUSEPORT of another user, which the first has too: what the port remembers of others before leaves the rules open, and nobody probes.
shared = socket.socket()
shared.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
shared.bind(("127.0.0.1", 7024))
shared.listen()
kept.append(shared)
python("s = socket.socket(); s.setsockopt(1, socket.SO_REUSEPORT, 1); s.bind(('127.0.0.1', 7024))", "127.0.0.1:7024",
       cause=None, program="python3")
# Landlock, of the program's own accord: every bind() of TCP.
python("import ctypes\n"
       "libc = ctypes.CDLL(None); ruleset = libc.syscall(444, (ctypes.c_uint64 * 2)(0, 1), 16, 0)\n"
       "libc.prctl(38, 1, 0, 0, 0); libc.syscall(446, ruleset, 0)\n"
       "socket.socket().bind(('127.0.0.1', 7025))", "127.0.0.1:7025", result="EACCES", cause="denied-by-policy", asks=False, program="python3")
listen(socket.AF_INET, "127.0.0.1", 7026)
run(["busybox", "httpd", "-f", "-p", "127.0.0.1:7026", "-h", str(folder)], "127.0.0.1:7026")

# A network namespace of others, which stays: what holds the port there says why.
there = subprocess.Popen(["unshare", "--net", "python3", "-S", "-c",
                          "import socket, sys\ns = socket.socket()\ns.bind(('', 7027)); s.listen(); print(flush=True); sys.stdin.read()"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
there.stdout.readline()
kept.append(there)
run(["nsenter", f"--net=/proc/{there.pid}/ns/net", "python3", "-S", "-c", "import os, socket\nos.setuid(29999); socket.socket().bind(('', 7027))"],
    "0.0.0.0:7027", user=0, asks=False, program="python3")
fails[-1]["user"] = 29999
# A network namespace that ends with its program.
run(["unshare", "--map-root-user", "--net", "python3", "-S", "-c",
     "import socket\none, other = socket.socket(), socket.socket()\none.bind(('', 7017)); one.listen(); other.bind(('', 7017))"],
    "0.0.0.0:7017", cause=None, program="python3")
# A name that must not reach a terminal.
python("open('/proc/self/comm', 'w').write('a\\x1b[31mb')\nsocket.socket().bind(('192.0.2.9', 7018))", "192.0.2.9:7018", result="EADDRNOTAVAIL",
       cause="address-not-local", program="a\x1b[31mb")

print(json.dumps({"fails": fails}), flush=True)
sys.stdin.read()
