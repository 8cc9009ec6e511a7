"""The page: a table of all marks, then each situation with what every tool printed."""
import dataclasses
import platform
import re
import subprocess

import peers
import tools
from situation import Situation

LONGEST_LINE, MOST_LINES = 140, {"bindwise": 40, "free": 12}
MOST_LINES_OF_OTHERS = 7
HEADINGS = {"bindwise": "`bindwise why`", "free": "`bindwise free`", "fuser -k": "`fuser -k`", "lsof | kill": "`lsof -ti \\| xargs kill -9`"}

INTRODUCTION = """# Comparison: every situation, every tool, word for word

What `bindwise why` and the usual tools say in every situation that we know in which a port or address cannot be had. This page is written
by a program that sets each one up for real and runs them all:

```sh
eng/publish
sudo bench/comparison/run --write bench/comparison/transcripts.md
```

Every situation has network, PID and mount namespaces of its own. All tools run as root there (where a plain user asks, that is said), each in
its best invocation that we know; where a situation has a better one than usual, that is taken. `bindwise free`, kill-port, fkill, `fuser -k`
and the line of lsof that forums give end processes: each gets the situation for itself, and what is told is whom it ended and whether bind()
works afterwards.

What servers do there, with `TcpListener`, Kestrel, what forums advise, and the library, is the second part: [What listeners do](#what-listeners-do).
The third is about waiting: [Waiting for a port](#waiting-for-a-port); the fourth about [picking one](#picking-a-port).

Versions: {versions}.

## How it is judged

- **cause**: the output holds what makes this situation different from others, in whatever words or spelling; for each situation it is said
  what that is, and more than one thing may be asked for.
- **owner**: the pid of every process that holds the address stands in the output. Where no process holds it, or where the one who asks
  may not learn it, there is none to name.
- **port free**, **port still taken**: bind() and listen(), as the server of that situation calls them, after the killing tool has run. A TCP
  server sets SO_REUSEADDR there, as most do; `bindwise why` and `free` ask about such a one too.
- **ended a bystander**: a process ended that did not hold the address. **says killed**, **exit code 0**: although it is still taken.
- **–**: neither. **nothing to name**: the port is free. **cannot be asked**: the tool has no way to ask about this.

ss, lsof, fuser and netstat are tools of many uses, and none of them claims to explain; the table says how far a reader gets with each of
them in this one matter. A tool of the first group that prints the state leaves the reader to know what it means.

The criteria are by those who wrote `bindwise`, and a run fails where `why` does not meet them. So its column shows that it does what it is meant
to do; the others were not made for these criteria.
"""


FREEING = """## Freeing it, at a glance

`bindwise free TARGET --yes --grace 2s --force --destroy` asks nothing here; without these options it shows what it will do and asks first. It sends
SIGTERM before SIGKILL; `fkill -f`, `kill-port`, `fuser -k` and the line of lsof send SIGKILL at once, which lets nobody clean up. Where `free` leaves a
port taken it says why, and its exit code is not 0: it ends no connection that has taken the port, no process of another user, no service manager,
and nothing where nothing is in the way of that kind (a privileged port, an address that is not there).
"""


@dataclasses.dataclass(frozen=True)
class Played:
    """A situation with what came of it."""

    situation: Situation
    told: dict
    killed: dict
    marks: dict
    short: list


def write(played, version_texts):
    parts = [INTRODUCTION.replace("{versions}", ", ".join(version_texts)), "## All at a glance\n", glance(played, tools.READING), sums(played), FREEING, glance(played, tools.KILLING), freed(played),
             peers.section([one.situation for one in played], anchor), "## Situations\n"]
    parts += [describe(one) for one in played]
    return "\n".join(parts).rstrip() + "\n"


def glance(played, columns):
    lines = ["| situation | " + " | ".join(HEADINGS.get(tool, tool) for tool in columns) + " |", "| --- |" + " --- |" * len(columns)]
    for one in played:
        title = one.situation.title
        lines.append(f"| [{title}](#{anchor(title)}) | " + " | ".join(one.marks[tool]["text"] for tool in columns) + " |")
    return "\n".join(lines) + "\n"


def sums(played):
    lines = ["| of all situations | " + " | ".join(HEADINGS.get(tool, tool) for tool in tools.READING) + " |", "| --- |" + " ---: |" * len(tools.READING)]
    with_owner = [one for one in played if one.marks["bindwise"]["owner"] is not None]

    def row(words, group, is_so):
        lines.append(f"| {words} ({len(group)}) | " + " | ".join(str(sum(is_so(one.marks[tool]) for one in group)) for tool in tools.READING) + " |")

    row("cause named", played, lambda mark: mark["cause"])
    row("every owner named, where there is one", with_owner, lambda mark: mark["owner"] == "all")
    row("all that there is to name", played, lambda mark: mark["cause"] and mark["owner"] in (None, "all"))
    return "\n".join(lines) + "\n"


def freed(played):
    taken = [one for one in played if one.told["bind"] != "ok"]
    lines = ["| of the situations in which bind() fails | " + " | ".join(HEADINGS.get(tool, tool) for tool in tools.KILLING) + " |", "| --- |" + " ---: |" * len(tools.KILLING)]
    for words, key in (("port free afterwards", "freed"), ("an accident: a bystander ended, a container cut off", "harmed"),
                       ("says that it is done, and it is still taken", "untrue")):
        lines.append(f"| {words} ({len(taken)}) | " + " | ".join(str(sum(one.marks[tool][key] for one in taken)) for tool in tools.KILLING) + " |")
    return "\n".join(lines) + "\n"


def describe(one):
    situation = one.situation
    told = [f"### {situation.title}\n", situation.story, ""]
    if situation.user:
        told += ["A plain user asks.", ""]
    told += [f"- cause: {'; '.join(situation.cause)}", f"- owner: {owner_words(one)}", f"- bind() says: {one.told['bind']}", ""]
    told += block("bindwise", situation, one.told["tools"]["bindwise"])
    results = {tool: one.killed.get(tool, one.told)["tools"][tool] for tool in tools.ALL if tool != "bindwise"}
    blocks = {tool: block(tool, situation, result) for tool, result in results.items() if result is not None}
    told += [line for lines in blocks.values() for line in lines]
    silent = [f"`{tools.invocation(tool, situation).shown}`" for tool, lines in blocks.items() if not lines]
    if silent:
        told += [f"Nothing is printed by {', '.join(silent)}.", ""]
    return "\n".join(told)


def owner_words(one):
    holders = one.told["holders"]
    if not holders:
        return "nobody"
    numbers = ("pid " if len(holders) == 1 else "pids ") + ", ".join(map(str, holders))
    return numbers if one.situation.owner_is_visible else f"{numbers}, not to be seen by the one who asks"


def block(tool, situation, result):
    """The command with what it printed; nothing where that is nothing, or a line of headings alone."""
    lines = shorten(tool, result["output"])
    headings = {"ss": 1, "netstat": 2}
    if len(lines) <= (headings.get(tool, 0) if not lines or re.match(r"State|Netid|Active", lines[0]) else 0):
        return []
    return ["```console", f"$ {tools.invocation(tool, situation).shown}", *lines, "```", ""]


def shorten(tool, output):
    # Where in a tool's own code it failed tells nothing here.
    lines = [line for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output).strip("\n").splitlines() if not re.match(r"\s+at |file://|\s*\^\s*$|Node\.js v|\t*throw ", line)]
    lines = [tidy(tool, line) for line in lines if line.strip() or tool == "bindwise"]
    most = MOST_LINES.get(tool, MOST_LINES_OF_OTHERS)
    return lines if len(lines) <= most else [*lines[:most - 1], f"… and {len(lines) - most + 1} lines more"]


def tidy(tool, line):
    """Columns closer together, what changes from run to run made equal, and long lines cut."""
    line = re.sub(r"\s+$", "", line.replace("```", "'''"))
    if tool != "bindwise":
        line = re.sub(r"(?<=\S) {3,}|\t+", "  ", line)
        line = re.sub(r"\b(ino|sk|cgroup):[0-9a-fx]+", r"\1:…", line)
    # Inode numbers, ephemeral ports and times of day.
    line = re.sub(r"(?<![\d.])\d{6,}\b", "…", line)
    line = re.sub(r"\b\d+,\d+(?= )", "0,0", line)
    line = re.sub(r":(3[3-9]|4\d|5\d|60)\d{3}\b", ":50000", line)
    line = re.sub(r"\b\d\d:\d\d:\d\d\b", "10:01:03", line)
    line = re.sub(r"\bsince \d\d:\d\d\b", "since 10:00", line)
    return line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE - 1] + "…"


def anchor(title):
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def versions():
    def first(command, pattern):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return re.search(pattern, done.stdout).group(1)

    release = re.match(r"\d+\.\d+", platform.release()).group()
    return [f"Linux {release}", "ss " + first(["ss", "-V"], r"iproute2-([\d.]+)") + " (iproute2)", "lsof " + first(["lsof", "-v"], r"revision: ([\d.]+)"),
            "fuser " + first(["fuser", "-V"], r"PSmisc\) ([\d.]+)") + " (psmisc)", "netstat " + first(["netstat", "-V"], r"net-tools ([\d.]+)") + " (net-tools)",
            *(f"{name} {version}" for name, version in tools.PACKAGES.items())]
