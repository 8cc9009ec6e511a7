"""A stage: namespaces of a situation's own, with nothing of the machine to be seen in them.

prepare() collects on the outside what a stage needs; play_outside() opens one; play_inside() is what runs as its pid 1.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import traceback

import policy
import tools
from scene import Scene, ended_by, living, reap, run, run_tool, try_bind

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
ACTORS = (REPOSITORY / "tests/Bindwise.Kernel.Tests/Scripts", HERE / "actors")
OPEN_TO_ALL = 0o755
LIMIT_SECONDS = 300
# One that is the same for everybody, where there is one: its path may show in what a tool prints.
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable


def prepare(folder, program):
    """Gathers actors, bindwise and the npm tools in a folder that becomes the stage's /srv."""
    for name in ("actors", "bin", "cgroup", "npm"):
        (folder / name).mkdir()
    for source in ACTORS:
        for script in source.glob("*.py"):
            shutil.copy(script, folder / "actors")
    shutil.copy(program, folder / "bin/bindwise")
    packages = [f"{name}@{version}" for name, version in tools.PACKAGES.items()]
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", *packages], cwd=folder / "npm",
                          capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        sys.exit(f"bench/comparison: npm cannot install {packages}:\n{done.stderr}")
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))


def play_outside(folder, situation, only):
    """Plays one situation with some tools on a stage of its own; returns what the stage tells."""
    command = ["unshare", "--net", "--pid", "--mount", "--uts", "--cgroup", "--ipc", "--fork", "--kill-child", "--mount-proc",
               PYTHON, "-B", str(HERE / "run"), "--inside", situation.name, "--folder", str(folder), "--tools", ",".join(only)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, timeout=LIMIT_SECONDS)
    if done.returncode != 0:
        sys.exit(f"bench/comparison: {situation.name} cannot be played with {', '.join(only)}")
    return json.loads(done.stdout)


def play_inside(folder, situation, only):
    """As pid 1 of the stage: sets the situation up, runs the tools one after the other, prints what happened."""
    told = os.dup(1)
    os.dup2(2, 1)
    furnish(folder)
    scene = Scene()
    try:
        holders = situation.set_up(scene)
        before = try_bind(situation.ask)
        results = {tool: ask(tool, situation, holders) for tool in only}
        answer = {"holders": holders, "bind": before, "tools": results}
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    finally:
        policy.leave()
    os.write(told, json.dumps(answer).encode())


def ask(tool, situation, holders):
    invocation = tools.invocation(tool, situation)
    if invocation is None:
        return None
    reap()
    if tool not in tools.KILLING:
        output, code = run_tool(invocation.command, situation.user)
        result = {"output": output, "code": code}
        if tool == "bindwise":
            result["json"], _ = run_tool((*invocation.command, "--json"), situation.user)
        return result
    others = sorted(set(living()) - set(holders))
    (output, code), ended = ended_by(lambda: run_tool(invocation.command, situation.user))
    return {"output": output, "code": code, "ended": ended, "others": others, "bind": try_bind(situation.ask)}


def furnish(folder):
    """A host name, a /srv and a /run of the stage's own: nothing of the machine's names and services shows."""
    run(["hostname", "host"])
    pathlib.Path("/srv").mkdir(exist_ok=True)
    run(["mount", "--bind", str(folder), "/srv"])
    run(["mount", "-t", "tmpfs", "none", "/run"])
    for name in ("shop", "home"):
        path = pathlib.Path("/srv", name)
        path.mkdir(exist_ok=True)
        run(["mount", "-t", "tmpfs", "-o", "mode=777", "none", str(path)])
    pathlib.Path("/srv/shop/server.py").symlink_to("/srv/actors/server.py")
    pathlib.Path("/proc/self/comm").write_text("init")
    os.chdir("/srv/home")
