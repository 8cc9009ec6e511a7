"""Runs a program once for each system call and errno, behind a seccomp filter that answers the call so: refuse_each.py CODE,... ERRNO,... PROGRAM WORDS...

Gives one line of JSON for each run that is not one of these: one of the exit codes CODE, with at most one line on standard error, which is no internal
error; or an end of the runtime or the loader before the program's first line, without any output. The last line counts the runs.
"""
import concurrent.futures
import errno
import json
import platform
import re
import subprocess
import sys
from refusal import answer_with

LIMIT_SECONDS = 240
HEADERS = ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm-generic/unistd.h"]
# What the native program calls in all of its looks (strace), but for what starts and ends it. clone3() that is refused is told by nobody.
CALLS = """access arch_prctl bind bpf brk capget clock_nanosleep clone3 close close_range dup2 fcntl flock fstat futex get_mempolicy getdents64 geteuid getpid
getrandom getsockname getsockopt gettid ioctl landlock_create_ruleset listen lstat madvise membarrier mmap mprotect munmap newfstatat openat openat2 pidfd_getfd
pidfd_open pipe2 poll prctl pread64 prlimit64 read readlink readlinkat recvfrom recvmsg rseq rt_sigaction rt_sigprocmask sched_getaffinity sched_getscheduler
sched_setscheduler sched_yield sendmsg sendto set_robust_list set_tid_address setsid setsockopt socket stat statfs statx sysinfo write""".split()

codes, errors, command = [int(one) for one in sys.argv[1].split(",")], sys.argv[2].split(","), sys.argv[3:]
with open(HEADERS[0] if platform.machine() == "x86_64" else HEADERS[1]) as header:
    numbers = {name: int(number) for name, number in re.findall(r"#define __NR3?_?(?:3264_)?(\w+)\s+(\d+)$", header.read(), re.M)}


def play(case):
    call, error = case
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             preexec_fn=lambda: answer_with(numbers[call], getattr(errno, error)))
    try:
        output, told = child.communicate(timeout=LIMIT_SECONDS)
        code = child.returncode
    except subprocess.TimeoutExpired:
        child.kill()
        output, told = child.communicate()
        code = "timeout"
    lines = told.decode(errors="replace").splitlines()
    # Who is refused these cannot bind: that is the answer.
    is_told = (code in codes or (code == 1 and call in ("bind", "listen", "socket"))) and len(lines) <= 1 and "internal error" not in told.decode(errors="replace")
    is_silent = code not in (0, 1, 2, 3, "timeout") and output == b"" and not any("   at " in line for line in lines)
    return None if is_told or is_silent else {"call": call, "errno": error, "code": code, "output": output.decode(errors="replace")[:300], "told": lines[:6]}


cases = [(call, error) for call in CALLS for error in errors if call in numbers]
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    for found in pool.map(play, cases):
        if found:
            print(json.dumps(found))
print(len(cases))
