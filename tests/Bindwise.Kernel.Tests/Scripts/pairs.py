"""Plays pairs of sockets that are told on standard input (JSON): the first binds (and listens), then the second tries.

Each pair is [held, want] with {"protocol", "address", "options", "listen"}; the answer to each is what the second bind()
gave. Every pair gets a port of its own, so that none inherits the history of another's.
"""
import errno
import json
import socket
import sys


def opened(told, port):
    is_v6 = ":" in told["address"]
    made = socket.socket(
        socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_STREAM if told["protocol"] == "tcp" else socket.SOCK_DGRAM
    )
    for option in told["options"]:
        level = socket.IPPROTO_IPV6 if option == "IPV6_V6ONLY" else socket.SOL_SOCKET
        made.setsockopt(level, getattr(socket, option), 1)
    try:
        made.bind((told["address"], port))
        if told["listen"]:
            made.listen(1)
    except OSError as e:
        made.close()
        return None, errno.errorcode[e.errno]
    return made, "ok"


def play(pair, port):
    held, answer = opened(pair[0], port)
    if held is None:
        return "held: " + answer
    with held:
        want, answer = opened(pair[1], port)
        if want is not None:
            want.close()
        return answer


print(json.dumps([play(pair, 2000 + number % 60000) for number, pair in enumerate(json.load(sys.stdin))]))
