"""run_state.py: what a program finds of itself as it starts."""
import json
import os
import resource
import sys


def lines(*names):
    status = dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)
    return {name: status[name] for name in names}


descriptors = {}
for number in sorted(os.listdir("/proc/self/fd"), key=int):
    # Those of the test run have higher numbers.
    if int(number) > 99:
        continue
    try:
        descriptors[number] = os.readlink("/proc/self/fd/" + number).split("[")[0]
    except OSError:
        pass
print(json.dumps({
    "status": lines("SigBlk", "SigIgn", "SigCgt", "Uid", "Groups", "CapEff"),
    "descriptors": descriptors,
    "environment": sorted(repr(pair) for pair in os.environb.items()),
    "arguments": [repr(os.fsencode(word)) for word in sys.argv[1:]],
    "limits": [resource.getrlimit(number) for number in range(16)],
    "place": [os.getcwd(), oct(os.umask(0)), os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid()],
    "children": open(f"/proc/self/task/{os.getpid()}/children").read(),
}, indent=1))
