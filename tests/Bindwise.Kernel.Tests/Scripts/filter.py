"""Runs a program behind a seccomp filter that answers bind() (or the call that is named) with an errno, or ends the process: filter.py ERRNO|end[@CALL] PROGRAM WORDS...

CALL internet is socket() of IPv4 and IPv6 alone, ipv4 and ipv6 that of one of them."""
import os
import platform
import sys
from refusal import answer_family_with, answer_internet_with, answer_with, end_at

CALLS = {"bind": {"x86_64": 49, "aarch64": 200}, "listen": {"x86_64": 50, "aarch64": 201}, "none": {"x86_64": 999, "aarch64": 999},
         "seccomp": {"x86_64": 317, "aarch64": 277}, "pidfd_getfd": {"x86_64": 438, "aarch64": 438},
         "bpf": {"x86_64": 321, "aarch64": 280}, "lsm_list_modules": {"x86_64": 461, "aarch64": 461},
         "landlock_create_ruleset": {"x86_64": 444, "aarch64": 444}, "pidfd_open": {"x86_64": 434, "aarch64": 434}, "process_vm_readv": {"x86_64": 310, "aarch64": 270},
         "setsockopt": {"x86_64": 54, "aarch64": 208}, **{name: {"x86_64": 41, "aarch64": 198} for name in ("internet", "ipv4", "ipv6")}}
FAMILIES = {"ipv4": 2, "ipv6": 10}

(errno, _, call), program = sys.argv[1].partition("@"), sys.argv[2:]
number = CALLS[call or "bind"][platform.machine()]
if errno == "end":
    end_at(number)
elif call in FAMILIES:
    answer_family_with(number, int(errno), FAMILIES[call])
else:
    (answer_internet_with if call == "internet" else answer_with)(number, int(errno))
os.execvp(program[0], program)
