"""run_real.py NAME [PREFIX...]: starts a real server twice, the second time right after the first has closed a connection first and ended.

Prints a line of JSON: whether it answered each time, how many TIME_WAITs there were in between, and whether all of them were there until the end: the
kernel ends them after a minute.
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

PORT = 8080
JAVA = """
import java.net.*;
public class J { public static void main(String[] a) throws Exception {
  ServerSocket s = new ServerSocket(); s.setReuseAddress(false); s.bind(new InetSocketAddress("127.0.0.1", 8080));
  while (true) { Socket c = s.accept(); c.getInputStream().read(new byte[99]); c.getOutputStream().write("HTTP/1.0 200 OK\\r\\n\\r\\nok".getBytes()); c.close(); } } }
"""
RUBY = """
require 'socket'
s = Socket.new(:INET, :STREAM); s.bind(Addrinfo.tcp('127.0.0.1', 8080)); s.listen(8)
loop { c, _ = s.accept; c.readpartial(99); c.write("HTTP/1.0 200 OK\\r\\n\\r\\nok"); c.close }
"""
C = """
#include <sys/socket.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>
int main() {
  int s = socket(AF_INET, SOCK_STREAM, 0); struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(8080), .sin_addr = {htonl(0x7f000001)}};
  if (bind(s, (void *)&a, sizeof a) || listen(s, 9)) return 1;
  for (;;) { int c = accept(s, 0, 0); char b[999]; read(c, b, 999); dprintf(c, "HTTP/1.0 200 OK\\r\\n\\r\\nok"); close(c); } }
"""
NODE = """
const cluster = require('cluster'), http = require('http');
if (cluster.isPrimary) { cluster.fork(); cluster.fork(); }
else http.createServer((q, r) => { r.shouldKeepAlive = false; r.end('ok'); }).listen(8080, '127.0.0.1');
"""
NGINX = """
daemon off; worker_processes 3; pid FOLDER/pid; error_log stderr; user root;
events { worker_connections 64; }
http { access_log off; keepalive_timeout 0; client_body_temp_path FOLDER/a; proxy_temp_path FOLDER/b; fastcgi_temp_path FOLDER/c; uwsgi_temp_path FOLDER/d;
  scgi_temp_path FOLDER/e; server { listen 127.0.0.1:8080 OPTION; return 200 ok; } }
"""
POSTGRES = "/usr/lib/postgresql/15/bin/"
# It refuses root.
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
WSGI = "def app(e, s): s('200 OK', [('Content-Length', '2'), ('Connection', 'close')]); return [b'ok']"


def put(name, text):
    with open(name, "w") as file:
        file.write(text)
    return name


def command(name, folder):
    if name == "java":
        return ["java", put("J.java", JAVA)]
    if name == "ruby":
        return ["ruby", put("r.rb", RUBY)]
    if name == "c":
        subprocess.run(["cc", "-static", "-w", "-o", "server", put("s.c", C)], check=True)
        return ["./server"]
    if name == "node":
        return ["node", put("n.js", NODE)]
    if name.startswith("nginx"):
        return ["nginx", "-c", put(folder + "/n.conf", NGINX.replace("FOLDER", folder).replace("OPTION", "reuseport" if name.endswith("reuseport") else ""))]
    if name == "gunicorn":
        put("app.py", WSGI)
        return ["gunicorn", "-w", "2", "-b", "127.0.0.1:8080", "app:app"]
    if name == "postgres":
        os.chmod(folder, 0o777)
        subprocess.run([*NOBODY, POSTGRES + "initdb", "-D", "data", "-A", "trust", "--no-sync"], check=True, stdout=sys.stderr)
        return [POSTGRES + "postgres", "-D", "data", "-p", "8080", "-k", folder, "-c", "listen_addresses=127.0.0.1"]
    return ["redis-server", "--port", "8080", "--save", ""]


def ask(name):
    try:
        with socket.create_connection(("127.0.0.1", PORT)) as one:
            one.settimeout(180)
            # To PostgreSQL a protocol that it does not know: it answers with an error, and closes first.
            one.sendall(b"QUIT\r\n" if name == "redis" else b"\0\0\0\x09\0\x63\0\0\0" if name == "postgres" else b"GET / HTTP/1.0\r\n\r\n")
            answer = b""
            while part := one.recv(4096):
                answer += part
            return b"unsupported" in answer if name == "postgres" else b"ok" in answer.lower()
    except OSError:
        return False


def serve(name, line):
    server = subprocess.Popen(line, stdout=sys.stderr, stderr=sys.stderr, start_new_session=True)
    end = time.monotonic() + 240
    answered = False
    while not answered and server.poll() is None and time.monotonic() < end:
        answered = ask(name)
        time.sleep(0.02)
    try:
        # Killed, PostgreSQL would leave shared memory that keeps the next one from starting.
        os.kill(server.pid, signal.SIGQUIT) if name == "postgres" else os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    server.wait()
    return answered


def ends(state):
    """Both ends of each socket in this state on the port."""
    lines = [line.split() for table in ("/proc/net/tcp", "/proc/net/tcp6") for line in list(open(table))[1:]]
    return {(line[1], line[2]) for line in lines if line[3] == state and line[1].endswith(":1F90")}


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        line = (NOBODY if sys.argv[1] == "postgres" else []) + sys.argv[2:] + command(sys.argv[1], folder)
        first = serve(sys.argv[1], line)
        while ends("0A"):
            time.sleep(0.01)
        between = ends("06")
        second = serve(sys.argv[1], line)
        print(json.dumps({"first": first, "between": len(between), "second": second, "lasted": between <= ends("06")}), flush=True)


if __name__ == "__main__":
    main()
