"""The tools, each in its best invocation, and the packages that some of them come from."""
import dataclasses
import subprocess

# Installed from the npm registry into a temporary folder; the versions are pinned, so that a run tells of the same tools.
PACKAGES = {"kill-port": "2.0.1", "fkill-cli": "9.0.0", "find-process": "2.1.1"}
READING = ("bindwise", "ss", "lsof", "fuser", "netstat", "find-process")
KILLING = ("free", "kill-port", "fkill", "fuser -k", "lsof | kill")
ALL = READING + KILLING


@dataclasses.dataclass(frozen=True)
class Invocation:
    """What is run, and how the page writes it."""

    command: tuple
    shown: str


def newer_ss():
    """Whether this ss can list bound sockets that do not listen; iproute2 before 6.8 cannot."""
    return "--bound-inactive" in subprocess.run(["ss", "--help"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout


def invocation(tool, situation):
    """How the tool is best asked about a situation; None where it cannot be asked at all."""
    command = situation.commands.get(tool) or usual(tool, situation)
    return command and Invocation(tuple(command), shown(command))


def shown(command):
    if command[:2] == ["sh", "-c"]:
        return command[2]
    return " ".join(f"'{word}'" if " " in word else word for word in command).replace("/srv/bin/", "")


def usual(tool, situation):
    if tool in ("bindwise", "free"):
        target = situation.target if isinstance(situation.target, tuple) else situation.target.split()
        return ["/srv/bin/bindwise", "why", *target] if tool == "bindwise" else ["/srv/bin/bindwise", "free", *target, "--yes", "--grace", "2s", "--force", "--destroy"]
    if situation.protocol == "unix":
        path = situation.addresses[0]
        return {"ss": ["ss", "-xlpe", f"src {path}"], "lsof": ["lsof", "-w", path], "fuser": ["fuser", "-v", path],
                "netstat": ["sh", "-c", f"netstat -xap | grep {path}"], "fuser -k": ["fuser", "-k", path],
                "lsof | kill": ["sh", "-c", f"lsof -t {path} | xargs -r kill -9"]}.get(tool)
    port, protocol = situation.port, situation.protocol
    if port == 0:
        return None
    letter = protocol[0]
    return {
        "ss": ["ss", f"-{letter}anpoe", f"sport = :{port}"],
        "lsof": ["lsof", "-w", "-nP", f"-i{protocol.upper()}:{port}"],
        "fuser": ["fuser", "-v", f"{port}/{protocol}"],
        "netstat": ["sh", "-c", f"netstat -{letter}anp | grep ':{port} '"],
        "find-process": ["find-process", "-p", str(port)],
        "kill-port": ["kill-port", str(port), *(["--method", "udp"] if protocol == "udp" else [])],
        "fkill": ["fkill", "-f", f":{port}"],
        "fuser -k": ["fuser", "-k", f"{port}/{protocol}"],
        # As forums have it; it takes both protocols, and clients of the port too.
        "lsof | kill": ["sh", "-c", f"lsof -ti:{port} | xargs -r kill -9"],
    }[tool]
