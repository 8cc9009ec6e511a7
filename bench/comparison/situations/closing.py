"""Connections, living, closing and closed, that keep a port without a listener."""
from situation import Situation

WILDCARD = {"target": "0.0.0.0:8080", "addresses": ("0.0.0.0",)}


def connection(scene, steps, state=None):
    told = scene.act("connect.py", "tcp 0.0.0.0 8080 then " + steps)
    if state:
        scene.until_socket(8080, state)
    return told["pid"]


def time_wait(scene):
    connection(scene, "server.close client.close listener.close", "TIME_WAIT")
    return []


def time_wait_of_usual_server(scene):
    scene.act("connect.py", "tcp 0.0.0.0 8080 reuseaddr then server.close client.close listener.close")
    scene.until_socket(8080, "TIME_WAIT")
    return []


def fin_wait2(scene):
    connection(scene, "server.close listener.close", "FIN_WAIT2")
    return []


def fin_wait1(scene):
    connection(scene, "server.drop server.close listener.close", "FIN_WAIT1")
    return []


def last_ack(scene):
    connection(scene, "client.finish client.drop server.close listener.close", "LAST_ACK")
    return []


def close_wait(scene):
    return [connection(scene, "client.close listener.close", "CLOSE_WAIT")]


def surviving(scene):
    return [connection(scene, "listener.close", "ESTABLISHED")]


def surviving_heir(scene):
    told = scene.act("leave_connection.py", "8080")
    scene.until_gone(told["pid"])
    return [told["heir"]]


def outgoing(scene):
    scene.act("hold.py", "tcp 0.0.0.0 9000 listen")
    return [scene.act("dial.py", "127.0.0.1 9000 from 127.0.0.1 8080")["pid"]]


def self_connection(scene):
    return [scene.act("self_connect.py", "8080")["pid"]]


def beside_time_wait(scene):
    pid = connection(scene, "server.close client.close", "TIME_WAIT")
    return [pid]


SITUATIONS = [
    Situation("time-wait", "TIME_WAIT", "The server closed its connections first and ended. No process holds what is left.", time_wait,
              {"the state": r"TIME[-_]WAIT", "how long it lasts": r"(?i)\b\d+ ?s(ec)?\b|\(\d\d\.\d\d/"}, "blocked", ("time-wait",), **WILDCARD,
              commands={"netstat": ["sh", "-c", "netstat -tanpoe | grep ':8080 '"]}),
    Situation("time-wait-reuse", "TIME_WAIT of a server that set SO_REUSEADDR", "The same, and the server had set SO_REUSEADDR, as most do: the next one that sets it can start at once, one "
              "that does not has to wait.", time_wait_of_usual_server,
              {"the state": r"TIME[-_]WAIT", "that it depends on SO_REUSEADDR": r"(?i)reuse_?addr", "how long it lasts": r"(?i)\b\d+ ?s(ec)?\b|\(\d\d\.\d\d/"}, "free", ("time-wait",),
              **WILDCARD, commands={"netstat": ["sh", "-c", "netstat -tanpoe | grep ':8080 '"]}),
    Situation("time-wait-and-listener", "TIME_WAIT beside a listener", "The old server still listens, and has connections in TIME_WAIT as well: ending it is not enough without SO_REUSEADDR.",
              beside_time_wait, {"that somebody listens": r"(?i)\blisten", "the TIME_WAIT": r"TIME[-_]WAIT"}, "blocked", ("listener",), **WILDCARD),
    Situation("fin-wait2", "FIN_WAIT2 without an owner", "The server closed and ended; its client has not closed yet.", fin_wait2,
              {"the state": r"FIN[-_]WAIT[-_]?2"}, "blocked", ("fin-wait",), **WILDCARD),
    Situation("fin-wait1", "FIN_WAIT1 without an owner", "The server closed and ended; its client's acknowledgement is lost.", fin_wait1,
              {"the state": r"FIN[-_]WAIT[-_]?1"}, "blocked", ("fin-wait",), **WILDCARD),
    Situation("last-ack", "LAST_ACK without an owner", "Both ends closed; the last acknowledgement is lost.", last_ack,
              {"the state": r"LAST[-_]ACK"}, "blocked", ("last-ack",), **WILDCARD),
    Situation("close-wait", "CLOSE_WAIT", "The client closed; the server stopped listening and never closed its end.", close_wait,
              {"the state": r"CLOSE[-_]WAIT"}, "blocked", ("close-wait",), **WILDCARD),
    Situation("surviving-connection", "An accepted connection outlives the listener", "The server closed its listening socket and still serves one connection.", surviving,
              {"that it is a connection": r"\bESTAB"}, "blocked", ("surviving-connection",), **WILDCARD),
    Situation("surviving-heir", "A dead server's connection in a child", "The server died; a `sleep` that it had started inherited an accepted connection.", surviving_heir,
              {"that it is a connection": r"\bESTAB", "that it is inherited": r"(?i)inherit"}, "blocked", ("surviving-connection",), **WILDCARD),
    Situation("outgoing", "An outgoing connection took the port", "A client's connection goes out from port 8080.", outgoing,
              {"that it is a connection": r"\bESTAB|\bconnection\b", "where it goes": r"127\.0\.0\.1:9000"}, "blocked", ("outgoing-connection",)),
    Situation("self-connection", "A connection with itself", "A client dialled a port of the ephemeral range on its own host, and was given that very port.", self_connection,
              {"both ends": r"127\.0\.0\.1:8080.*127\.0\.0\.1:8080|itself"}, "blocked", ("self-connection",), target="127.0.0.1:8080", addresses=("127.0.0.1",)),
]
