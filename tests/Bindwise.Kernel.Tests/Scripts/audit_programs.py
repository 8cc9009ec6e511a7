"""audit_programs.py NAME: a small program with one planted fault, or, where the name begins with clean, with none.

Those in C and JavaScript are written to the current folder and executed in this one's place.
"""
import os
import signal
import socket
import subprocess
import sys
import threading
import time

HERE = "127.0.0.1"
# The kernel tells the audit of a close in its own time, and busy with others it takes some.
TOLD_SECONDS = 5


def tcp(family=socket.AF_INET, reuse=True):
    sock = socket.socket(family)
    if reuse:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return sock


def serve(address, reuse=True, backlog=16):
    server = tcp(reuse=reuse)
    server.bind(address)
    server.listen(backlog)
    return server


def visit(port, server, first):
    """One connection; who closes first is told."""
    client = socket.create_connection((HERE, port))
    conn, _ = server.accept()
    one, other = (conn, client) if first == "server" else (client, conn)
    one.shutdown(socket.SHUT_WR)
    assert other.recv(1) == b""
    other.close()
    assert one.recv(1) == b""
    one.close()


def late_option():
    server = tcp(reuse=False)
    server.bind((HERE, 8080))
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.listen()


def without_option():
    serve((HERE, 8080), reuse=False)


def reuse_port():
    server = tcp()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server.bind((HERE, 8080))
    server.listen()


def closes_first():
    server = serve((HERE, 8080))
    visit(8080, server, "server")
    visit(8080, server, "server")


def inherited():
    server = serve((HERE, 8080))
    server.set_inheritable(True)
    subprocess.run(["true"], close_fds=False, check=True)


def wildcard():
    server = serve(("0.0.0.0", 8080))
    visit(8080, server, "client")


def ephemeral():
    serve((HERE, 40000))


def backlog_cut():
    serve((HERE, 8080), backlog=9000)


def backlog_full():
    server = serve((HERE, 8080), backlog=1)
    clients = []
    for _ in range(6):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex((HERE, 8080))
        clients.append(client)
    # The audit looks ten times a second, on a busy machine less often; a client that was dropped tries again after one.
    time.sleep(20)
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    server.close()


def source_address():
    server = serve((HERE, 8080))
    client = socket.socket()
    client.bind(("127.0.0.2", 0))
    client.connect((HERE, 8080))
    conn, _ = server.accept()
    client.close()
    conn.recv(1)
    conn.close()


def looked_for():
    probe = socket.socket()
    probe.bind((HERE, 0))
    port = probe.getsockname()[1]
    probe.close()
    serve((HERE, port))


def clean_beside():
    """One number for both families, for UDP, and for workers that share it: the socket that found it stays open."""
    first = tcp()
    first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    first.bind((HERE, 0))
    first.listen()
    port = first.getsockname()[1]
    other = tcp(socket.AF_INET6)
    other.bind(("::1", port))
    other.listen()
    socket.socket(type=socket.SOCK_DGRAM).bind((HERE, port))
    worker = tcp()
    worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    worker.bind((HERE, port))
    first.close()
    worker.listen()
    other.close()
    time.sleep(TOLD_SECONDS)


def clean_own_link():
    """The server's own program, by another name, takes the socket over."""
    server = serve((HERE, 8080))
    server.set_inheritable(True)
    os.symlink(sys.executable, "own")
    for name in ("./own", "/proc/self/exe"):
        subprocess.run([name, "-S", "-c", ""], close_fds=False, check=True)


def tried():
    probe = tcp()
    probe.bind((HERE, 8080))
    probe.close()
    time.sleep(TOLD_SECONDS)
    serve((HERE, 8080))


def note_before_warning():
    reuse_port()
    serve((HERE, 8081), reuse=False)


def told():
    signal.signal(signal.SIGTERM, lambda *_: print("told", file=sys.stderr, flush=True))
    print("up", file=sys.stderr, flush=True)
    while True:
        signal.pause()


def default_v6only():
    server = tcp(socket.AF_INET6)
    server.bind(("::", 8080))
    server.listen()


def both_families():
    first = tcp()
    first.bind(("0.0.0.0", 8080))
    first.listen()
    second = tcp(socket.AF_INET6)
    try:
        second.bind(("::", 8080))
    except OSError:
        second.close()


def both_families_ipv6_first():
    first = tcp(socket.AF_INET6)
    first.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    first.bind(("::", 8080))
    first.listen()
    second = tcp()
    try:
        second.bind(("0.0.0.0", 8080))
    except OSError:
        second.close()


def file_left():
    server = socket.socket(socket.AF_UNIX)
    server.bind("left.sock")
    server.listen()


def clean_server():
    server = serve((HERE, 8080))
    for _ in range(3):
        visit(8080, server, "client")
    subprocess.run(["true"], check=True)


def clean_deferred():
    server = tcp()
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 30)
    server.bind((HERE, 8080))
    server.listen(16)
    client = socket.create_connection((HERE, 8080))
    # The listener has dropped the ACK by then, and the audit has looked.
    time.sleep(1)
    client.send(b"1")
    conn, _ = server.accept()
    client.shutdown(socket.SHUT_WR)
    assert conn.recv(1) == b"1" and conn.recv(1) == b""
    conn.close()
    client.close()


def clean_client_first():
    # Sockets that close right after their bind() and listen(): the last close() sends the FIN.
    for _ in range(10):
        server = serve((HERE, 8080))
        client = tcp()
        client.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
        client.bind((HERE, 0))
        client.connect((HERE, 8080))
        conn, _ = server.accept()
        client.close()
        conn.close()
        server.close()


def clean_specific():
    servers = []
    for address in (HERE, "0.0.0.0"):
        server = tcp()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind((address, 8080))
        server.listen()
        servers.append(server)
    visit(8080, servers[0], "client")


def clean_pair():
    for family, address in ((socket.AF_INET6, "::1"), (socket.AF_INET, HERE)):
        server = tcp(family)
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.bind((address, 8080))
        server.listen()
    # A port that the kernel chooses is nobody's to come back to.
    other = socket.socket()
    other.bind((HERE, 0))
    other.listen()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((HERE, 8080))


def clean_unix():
    server = socket.socket(socket.AF_UNIX)
    server.bind("kept.sock")
    server.listen()
    threading.Thread(target=lambda: server.accept()[0].close()).start()
    client = socket.socket(socket.AF_UNIX)
    client.connect("kept.sock")
    client.recv(1)
    server.close()
    os.unlink("kept.sock")


def taken(kind=socket.SOCK_STREAM):
    """A socket whose bind() fails: the test has the port."""
    sock = socket.socket(type=kind)
    try:
        sock.bind((HERE, 8080))
    except OSError as error:
        print(error, file=sys.stderr)
        return sock
    raise SystemExit("the port was free")


def taken_connects():
    taken().connect((HERE, 8080))


def taken_sends():
    taken(socket.SOCK_DGRAM).sendto(b"1", (HERE, 8080))


def taken_ends():
    taken()


def taken_ends_with_3():
    taken()
    sys.exit(3)


def taken_goes_on():
    taken()
    print("up", file=sys.stderr, flush=True)
    time.sleep(1000)


def taken_tries_again():
    taken()
    taken()
    print("up", file=sys.stderr, flush=True)
    time.sleep(1000)


def taken_listens():
    """Both set SO_REUSEADDR, and the test's does not listen: bind() succeeds, listen() does not once another listens."""
    first, second = tcp(), tcp()
    first.bind((HERE, 8082))
    second.bind((HERE, 8082))
    first.listen()
    first.detach()
    try:
        second.listen()
    except OSError as error:
        print(error, file=sys.stderr)


def taken_next_port():
    taken()
    serve((HERE, 8081))


def heir(*command, **environment):
    server = serve((HERE, 8080))
    server.set_inheritable(True)
    number = str(server.fileno())
    words = [word.replace("NUMBER", number) for word in command]
    subprocess.run(words, close_fds=False, check=True, env=os.environ | {name: value.replace("NUMBER", number) for name, value in environment.items()})


def inherited_number():
    heir("true", "NUMBER", "--wait", "NUMBER.5", "--sleep=NUMBER")


def inherited_variable():
    heir("true", SSH_AUTH_SOCK="/tmp/ssh-NUMBER/agent.NUMBER")


def clean_named_option():
    heir("true", "--listen-fd=NUMBER")


def clean_named_word():
    heir("true", "--fds", "99,NUMBER")


def clean_named_file():
    heir("true", "/dev/fd/NUMBER")


def clean_redirected():
    heir("sh", "-c", ": <&NUMBER")


def clean_variable():
    heir("true", SERVER_STARTER_PORT="127.0.0.1:8080=NUMBER")


HEAD = """
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static struct sockaddr_in at(int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(0x7f000001)}}; return a; }
static int on = 1;
static int tcp(int flags, int reuse) {
  int s = socket(AF_INET, SOCK_STREAM | flags, 0); if (reuse) setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); return s; }
static int bind_to(int s, int port) { struct sockaddr_in a = at(port); return bind(s, (void *)&a, sizeof a); }
static int connect_to(int s, int port) { struct sockaddr_in a = at(port); return connect(s, (void *)&a, sizeof a); }
"""
C = {
    "c_late_v6only": """int main() { int s = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0); setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
      struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(8080), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
      if (bind(s, (void *)&a, sizeof a)) return 1; setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on); return listen(s, 9); }""",
    "c_without_option": "int start_server() { int s = tcp(SOCK_CLOEXEC, 0); return bind_to(s, 8080) || listen(s, 9); } int main() { return start_server(); }",
    # What a program built by rustc says of itself.
    "rust_without_option": """__asm__(".section .comment\\n.string \\"rustc version 1.95.0 (59807616e 2026-04-14)\\"\\n.text");
      int main() { int s = tcp(SOCK_CLOEXEC, 0); return bind_to(s, 8080) || listen(s, 9); }""",
    "c_inherited": 'int main() { int s = tcp(0, 1); if (bind_to(s, 8080) || listen(s, 9)) return 1; return system("exec true"); }',
    "c_source_port": """int main() { int s = tcp(SOCK_CLOEXEC, 1), c = tcp(SOCK_CLOEXEC, 0); if (bind_to(s, 8080) || listen(s, 9) || bind_to(c, 9090) || connect_to(c, 8080)) return 1;
      int d = accept(s, 0, 0); char b; close(c); return read(d, &b, 1); }""",
    "c_error_ignored": """int main() { int s = tcp(SOCK_CLOEXEC, 1), t = tcp(SOCK_CLOEXEC, 1); if (bind_to(s, 8080) || listen(s, 9)) return 1;
      bind_to(t, 8080); listen(t, 9); return 0; }""",
    "clean_c": """int main() { int s = tcp(SOCK_CLOEXEC, 1), c = tcp(SOCK_CLOEXEC, 0); if (bind_to(s, 8080) || listen(s, 9) || connect_to(c, 8080)) return 1;
      int d = accept4(s, 0, 0, SOCK_CLOEXEC); char b; close(c); if (read(d, &b, 1)) return 1; close(d); return system("exec true"); }""",
}
NODE = {
    "node_ephemeral": "const s = require('net').createServer().listen(40001, '127.0.0.1', () => s.close());",
    "node_looked_for": """const net = require('net'); const p = net.createServer().listen(0, '127.0.0.1', () => { const port = p.address().port;
      p.close(() => setTimeout(() => { const s = net.createServer().listen(port, '127.0.0.1', () => s.close()); }, 5000)); });""",
    "clean_node": """const http = require('http'); const s = http.createServer((q, r) => r.end('ok')).listen(8080, '127.0.0.1', () => {
      const agent = new http.Agent({ keepAlive: true });
      http.get({ port: 8080, host: '127.0.0.1', agent }, (r) => { r.resume(); r.on('end', () => setTimeout(() => { agent.destroy(); s.close(); }, 50)); }); });""",
}


def main(name):
    if name in C:
        with open(name + ".c", "w") as file:
            file.write(HEAD + C[name])
        subprocess.run(["cc", "-w", "-o", name, name + ".c"], check=True)
        os.execv("./" + name, [name])
    if name in NODE:
        with open(name + ".js", "w") as file:
            file.write(NODE[name])
        os.execvp("node", ["node", name + ".js"])
    globals()[name]()


main(sys.argv[1])
