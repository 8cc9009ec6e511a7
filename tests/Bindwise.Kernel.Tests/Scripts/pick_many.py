"""Starts so many picks at once as several users, and tells what each printed: pick_many.py COUNT PROGRAM WORD..."""
import os
import subprocess
import sys
from situation import ready

count, command = int(sys.argv[1]), sys.argv[2:]
users = [0, 1, 2, 65534]
start, begin = os.pipe()


def wait_and_drop(user):
    os.read(start, 1)
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)


# Each waits in the new process until all are there.
def launch(index):
    result, output = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(begin)
        os.dup2(output, 1)
        wait_and_drop(users[index % len(users)])
        os.execvp(command[0], command)
    os.close(output)
    return child, result


children = [launch(index) for index in range(count)]
os.close(start)
os.close(begin)
ports, codes = [], []
for child, result in children:
    with os.fdopen(result) as lines:
        ports += [int(line) for line in lines]
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
ready(ports=ports, failed=sum(code != 0 for code in codes))
