"""What the kernel says: plays each bind() and listen() that is told on standard input (JSON) and tells the results.

Each is {"protocol", "address", "port", "options"}; the answer to each is [bind, listen], listen null where it is not called.
It is asked thousands of times: what is behind the library's modules, without them, halves what an answer costs.
"""
import errno
import sys

import _socket as socket


def named(call, *arguments):
    try:
        call(*arguments)
        return "ok"
    except OSError as e:
        return errno.errorcode[e.errno]


def play(attempt):
    address, _, scope = attempt["address"].partition("%")
    is_v6 = ":" in address
    is_tcp = attempt["protocol"] == "tcp"
    try:
        held = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_STREAM if is_tcp else socket.SOCK_DGRAM)
    except OSError as e:
        return [errno.errorcode[e.errno], None]
    try:
        for option in attempt["options"]:
            name, _, value = option.partition("=")
            if name == "SO_BINDTODEVICE":
                answer = named(held.setsockopt, socket.SOL_SOCKET, socket.SO_BINDTODEVICE, value.encode() + b"\0")
                if answer != "ok":
                    return [answer, None]
            elif name == "IPV6_V6ONLY":
                held.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(value or 1))
            else:
                held.setsockopt(socket.SOL_SOCKET, getattr(socket, name), 1)
        where = (address, attempt["port"])
        if is_v6:
            try:
                index = 0 if not scope else int(scope) if scope.isdigit() else socket.if_nametoindex(scope)
            except OSError:
                return ["ENODEV", None]
            where += (0, index)
        bound = named(held.bind, where)
        return [bound, named(held.listen, 1) if bound == "ok" and is_tcp else None]
    finally:
        held.close()


def play_and_forget(attempt):
    """A success with SO_REUSEPORT leaves a mark on the port that later ones meet; a success without it wipes the mark."""
    results = play(attempt)
    if results[0] == "ok" and "SO_REUSEPORT" in attempt["options"]:
        play({**attempt, "options": [option for option in attempt["options"] if not option.startswith("SO_REUSE")]})
    return results


# What the test writes as JSON reads as Python, and what is answered, as JSON.
attempts = eval(sys.stdin.read(), {"null": None, "true": True, "false": False})
print(str([play_and_forget(attempt) for attempt in attempts]).replace("'", '"').replace("None", "null"))
