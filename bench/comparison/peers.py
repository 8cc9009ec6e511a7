"""witr and portview, by their source: what each would print in every situation, held against the criteria of the page.

Neither could be built where this was written, so the marks are worked out by reading: where the tool gets its sockets and its owners from, and
which of them it prints. Every situation has a mark, or writing the page fails.
"""
WITR = "witr 0.3.3 (commit dc4fa1d, `witr --port PORT --verbose`)"
PORTVIEW = "portview 2.1.0 (commit 54568c8, `portview PORT`)"

BOTH, OWNER, SOME, CAUSE, NEITHER, NO_WAY, NOTHING = (
    "cause, owner", "owner", "cause, some owners", "cause", "–", "cannot be asked", "nothing to name")

# By situation: witr, portview.
MARKS = {
    "listener": (BOTH, BOTH),
    "forgotten": (BOTH, OWNER),
    "specific-under-wildcard": (BOTH, BOTH),
    "wildcard-over-specific": (BOTH, BOTH),
    "dual-stack": (OWNER, OWNER),
    "reuseport-pair": (OWNER, BOTH),
    "reuseport-mismatch": (OWNER, OWNER),
    "prefork": (OWNER, SOME),
    "respawn": (OWNER, SOME),
    "client": (BOTH, BOTH),
    "tcp-and-udp": (BOTH, BOTH),
    "sigterm": (BOTH, BOTH),
    "bound": (NEITHER, NEITHER),
    "stopped": (BOTH, OWNER),
    "frozen": (OWNER, OWNER),
    "deleted": (BOTH, OWNER),
    "same-program": (OWNER, OWNER),
    "docker-proxy": (BOTH, BOTH),
    "socket-activation": (OWNER, OWNER),
    "device": (OWNER, OWNER),
    "no-device": (NEITHER, NEITHER),
    "multipath": (OWNER, OWNER),
    "udp": (BOTH, BOTH),
    "unix-listener": (NO_WAY, NO_WAY),
    "unix-left-over": (NO_WAY, NO_WAY),
    "time-wait": (NEITHER, NEITHER),
    "time-wait-reuse": (NEITHER, NEITHER),
    "time-wait-and-listener": (BOTH, BOTH),
    "fin-wait2": (NEITHER, CAUSE),
    "fin-wait1": (NEITHER, CAUSE),
    "last-ack": (NEITHER, CAUSE),
    "close-wait": (BOTH, BOTH),
    "surviving-connection": (OWNER, BOTH),
    "surviving-heir": (OWNER, OWNER),
    "outgoing": (OWNER, OWNER),
    "self-connection": (OWNER, OWNER),
    "inherited": (OWNER, OWNER),
    "passed-on": (BOTH, BOTH),
    "in-flight": (NEITHER, NEITHER),
    "thread-table": (NEITHER, NEITHER),
    "zombie-leader": (NEITHER, NEITHER),
    "io-uring": (NEITHER, NEITHER),
    "mapped": (NEITHER, NEITHER),
    "kernel-socket": (NEITHER, NEITHER),
    "pid-namespace": (BOTH, BOTH),
    "network-namespace": (NEITHER, NEITHER),
    "another-user": (NEITHER, NEITHER),
    "hidepid": (NEITHER, NEITHER),
    "privileged-port": (NEITHER, NEITHER),
    "not-local": (NEITHER, NEITHER),
    "ipv6-off": (NEITHER, NEITHER),
    "tentative": (NEITHER, NEITHER),
    "scope": (NEITHER, NEITHER),
    "exhausted": (NO_WAY, NO_WAY),
    "policy": (NEITHER, NEITHER),
    "free": (NOTHING, NOTHING),
}

INTRODUCTION = f"""## witr and portview, by their source

These two were **not run**: neither could be built where this page was written, for want of Go 1.25 and of Rust's packages. The marks were worked
out from their source, by the criteria above: {WITR} and
{PORTVIEW}. A run may show one or the other mark to be wrong.

Both read /proc/net/tcp, tcp6, udp and udp6 of their own network namespace, and look for the sockets in /proc/PID/fd. So a socket that is bound
but does not listen, one that only a thread, a ring or a mapping holds, and another namespace's are out of their sight. Over TIME_WAIT witr finds
a socket without an owner and suggests sudo; portview shows the state with PID 0, but not for how long. With several owners witr lists the pids
without a state; portview names one owner of each socket.
"""

OUTLOOK = """### What they show and `why` does not

| what | tool | why not here |
| --- | --- | --- |
| memory, CPU time, open files, locks, I/O | witr; portview memory and CPU time | It does not tell why a bind() fails, or what to do about it. |
| children of the holder | portview | A child matters when it holds the socket too; then `why` names it. |
| how often systemd restarted a unit (NRestarts) | witr | systemd tells that on D-Bus alone, which `why` does not speak. The unit is named, with the command that stops it. |
| description of a unit, timer schedule; container without a health check | witr | They do not hold a port. The container is named, with the command that stops it. |
| environment variables, LD_PRELOAD, dangerous capabilities, "suspicious" folder, no supervisor, names that differ, uptime over 90 days | witr | A security review is another task; environments hold secrets. |
| look-up by process name, file or container | both; portview by name alone | `why` starts from the address that a program could not have. |
| databases on a wildcard, pile-ups of TIME_WAIT and CLOSE_WAIT, on all ports at once | portview | `why` answers about one address; there it counts what is left. |
| what opened or closed since a baseline; a server for AI agents; other hosts over SSH | portview | Outside of what this tool is for. `--json` and `--save-snapshot` can be carried anywhere. |
| killing from a full-screen table | both | `why` changes nothing: it prints the command. |
| owners on macOS, Windows and (witr) FreeBSD | both | There `why` tells what .NET tells: whether it is taken, not by whom. |

These of theirs are in `why` too, but not in every answer: the git branch of the project (as witr); that the executable is deleted (as witr); that a
server runs as root, or listens on every address, where it is a development server (witr says both of any process, `portview doctor` the second of
databases); and how often Docker or PM2 restarted it, from three times on (witr counts systemd's).
"""


def section(situations, anchor):
    """The part of the page for these situations; a situation without a mark is a fault."""
    lines = ["| situation | witr | portview |", "| --- | --- | --- |"]
    lines += [f"| [{one.title}](#{anchor(one.title)}) | {' | '.join(MARKS[one.name])} |" for one in situations]
    lines += ["", "| of all situations | witr | portview |", "| --- | ---: | ---: |"]
    owned = [one for one in situations if any("owner" in mark for mark in MARKS[one.name]) or one.name in OWNED_UNSEEN]
    for words, group, counts in (
            ("cause named", situations, ("cause", NOTHING)),
            ("every owner named, where there is one", owned, (OWNER,)),
            ("all that there is to name", situations, None)):
        sums = [sum(is_met(MARKS[one.name][column], counts, one in owned) for one in group) for column in (0, 1)]
        lines.append(f"| {words} ({len(group)}) | {sums[0]} | {sums[1]} |")
    return INTRODUCTION + "\n" + "\n".join(lines) + "\n\n" + OUTLOOK


# Held by a process that neither can see.
OWNED_UNSEEN = {"bound", "unix-listener", "in-flight", "thread-table", "zombie-leader", "io-uring", "mapped", "network-namespace", "exhausted"}


def is_met(mark, counts, is_owned):
    words = [word.strip() for word in mark.split(",")]
    if counts is None:
        return mark == NOTHING or (CAUSE in words and (OWNER in words or not is_owned))
    return any(word in counts for word in words)
