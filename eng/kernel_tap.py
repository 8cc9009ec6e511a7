"""What `record` sees of calls that fail on a kernel of eng/kernels, and what it costs: the guest's part, and the judgement."""
import itertools
import json
import pathlib
import statistics
import tempfile

from debian import run

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What `record` sees of calls that fail (eng/failing-calls.c), and that nothing of it stays when it dies.
TAP = r"""
standing() { grep -c "bpf_prog_.*_bindwise" /proc/kallsyms; }
seen() { cat /tmp/record/*.jsonl | grep -c bind-failed; }
for one in /modules/tap/*; do insmod $one 2>/dev/null; done
bindwise record --dir /tmp/record 2>/dev/null & recorder=$!
n=0; until grep -qs census /tmp/record/*.jsonl || [ $n -ge 1800 ]; do sleep 0.1; n=$((n+1)); done
before=$(standing)
echo "40000 40000" > /proc/sys/net/ipv4/ip_local_port_range
# One program after the other, each call when the one before is recorded: a recorder that gets little time still sees what each met.
mkfifo /tmp/go; exec 4<>/tmp/go
programs= recorded=0
for one in $EXPECTED; do
  /bin/${one%:*} <&4 & programs="$programs $!"
  n=0
  until [ $recorded -ge ${one#*:} ] || [ $n -ge 9000 ]; do
    sleep 0.1; n=$((n+1)); now=$(seen)
    while [ $recorded -lt $now ]; do printf . >&4; recorded=$((recorded+1)); done
  done
done
kill -9 $recorder $programs; wait $recorder $programs 2>/dev/null
echo "32768 60999" > /proc/sys/net/ipv4/ip_local_port_range
n=0; until [ $(standing) = 0 ] || [ $n -ge 1800 ]; do sleep 0.1; n=$((n+1)); done
echo "== tap"
echo "{\"while\":$before,\"after\":$(standing)}"
grep -h -e bind-failed -e recorder-started -e '"lost"' /tmp/record/*.jsonl | sed 's/,"diagnosis":.*/}/'
exec 4>&-
rm -r /tmp/record /tmp/go
"""

# What programs pay for it: a loop of system calls, and nginx where it is there, without and with a recorder in turn. QEMU counts instructions then
# (-icount), on one processor, and the guest's clock is that count: what else this machine does changes nothing. Each
# program's own processor time is taken, without that of the recorder beside it.
COST = r"""
echo "== cost"
loop() { /bin/time -f "%U %S" sh -c "exec dd if=/dev/zero of=/dev/null bs=1 count=300000 2>/dev/null" 2>&1 | awk '{ print $1 + $2 }'; }
serve() {
  [ -x /bin/wrk ] || return 0
  before=$(cut -d' ' -f1 /proc/$worker/schedstat)
  requests=$(wrk -t1 -c8 -d2s http://127.0.0.1:8090/index.html | sed -n 's/ *\([0-9]*\) requests in.*/\1/p')
  echo "\"nginx\":$(( ($(cut -d' ' -f1 /proc/$worker/schedstat) - before) / requests )),"
}
if [ -x /bin/wrk ]; then
  mkdir -p /tmp/nginx; echo hello > /tmp/nginx/index.html
  echo 'daemon off; pid /tmp/nginx/pid; error_log /tmp/nginx/error; user root; events {} http { access_log off; keepalive_requests 1000000;
    client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
    server { listen 127.0.0.1:8090; root /tmp/nginx; } }' > /tmp/nginx/conf
  nginx -p /tmp/nginx -c /tmp/nginx/conf & nginx=$!
  there 1F9A 0A
  for one in $(pidof nginx); do [ $one = $nginx ] || worker=$one; done
fi
serve > /dev/null
for pair in 1 2 3; do
  echo "{\"tap\":false,$(serve)\"loop\":$(loop)}"
  bindwise record --dir /tmp/cost 2>/dev/null & recorder=$!
  n=0; until grep -qs census /tmp/cost/*.jsonl || [ $n -ge 1800 ]; do sleep 0.1; n=$((n+1)); done
  echo "{\"tap\":true,$(serve)\"loop\":$(loop)}"
  kill $recorder; wait $recorder; rm -r /tmp/cost
done
"""

# The programs of 64 bits, and of 32: for which processor, and where their ports begin.
FAILING = {"64": ({"x64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}, 8640), "32": ({"x64": "i386-linux-gnu", "arm64": "arm-linux-gnueabi"}, 8320)}


def add(archive, arch, release):
    """The check, and the programs whose calls fail."""
    seen = programs(release, arch)
    add_failing(archive, seen, arch)
    # How many lines there are at the end of each, the UNIX one with them.
    lines = itertools.accumulate(len(failures(bits, release)) + 1 for bits in seen)
    archive.add("tap", f'EXPECTED="{" ".join(f"failing-{bits}:{count}" for bits, count in zip(seen, lines))}"\n{TAP}'.encode())


def programs(release, arch):
    """The programs whose calls are seen: without fexit, which arm64 has since 6.4, none of 32 bits."""
    return list(FAILING) if arch == "x64" or release >= (6, 4) else ["64"]


def add_failing(archive, seen, arch):
    with tempfile.TemporaryDirectory() as work:
        for bits in seen:
            targets, base = FAILING[bits]
            made = f"{work}/failing-{bits}"
            run("clang", f"--target={targets[arch]}", "-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector", "-fno-pic", "-O1",
                f"-DBASE={base}", "-o", made, str(ROOT / "eng/failing-calls.c"))
            archive.program(f"bin/failing-{bits}", made)


def failures(bits, release):
    """What a program's calls are recorded as, but for the UNIX one: the call, the address, the errno, the cause."""
    base, ring = FAILING[bits][1], bits == "64" and release >= (6, 11)
    return {(call, f"{host}:{base + port}", error, cause) for call, host, port, error, cause in (
        ("bind", "127.0.0.1", 1, "EADDRINUSE", "listener"), ("bind", "[::1]", 6, "EADDRINUSE", "listener"),
        ("listen", "127.0.0.1", 2, "EADDRINUSE", "listener"), ("bind", "127.0.0.1", 3, "EADDRINUSE", "udp-socket"),
        ("connect", "127.0.0.1", 4, "EADDRNOTAVAIL", "ports-exhausted"),
        # Debian's kernels have no MPTCP before.
        *([("bind", "127.0.0.1", 5, "EADDRINUSE", "listener")] if release >= (6, 1) else []),
        ("listen", "127.0.0.1", 7, "EOPNOTSUPP", None), ("bind", "127.0.0.1", 9, "EADDRINUSE", None),
        *([("bind", "127.0.0.1", 8, "EACCES", "denied-by-policy")] if release >= (6, 7) else []), *([("bind", "127.0.0.1", 4, "EADDRINUSE", "listener")] if ring else []))}


def tapped(text, release, arch):
    """Whether each failure was recorded once with its cause, the limits are right, and nothing stayed; and what is to be said of it."""
    found = records(text)
    standing = next((one for one in found if "while" in one), {"while": 0, "after": -1})
    limits = next((one["limits"] for one in found if one.get("event") == "recorder-started"), ["it did not start"])
    seen = programs(release, arch)
    unseen = [] if len(seen) == len(FAILING) else ["Failed binds through io_uring and those of 32-bit programs are not seen: "
                                                   "this kernel does not allow BPF programs on its own functions (fexit)."]
    users = {one["userId"] for one in found if one.get("event") == "bind-failed"}
    lines = [(one["call"], one["address"], one["result"], one["cause"]) for one in found if one.get("event") == "bind-failed"]
    told = [one for one in lines if not one[1].startswith("/")]
    paths = [one[1:3] for one in lines if one[1].startswith("/")]
    expected = set().union(*(failures(bits, release) for bits in seen))
    doubled = [one for one in found if one.get("count", 1) != 1]
    right = (sorted(told) == sorted(expected) and paths == [("/nowhere/at/all", "ENOENT")] * len(seen) and not doubled and limits == unseen
             and users == {user for bits in seen for user in (FAILING[bits][1], FAILING[bits][1] + 1)} and standing["while"] > (0 if unseen else 1) and standing["after"] == 0)
    wrong = "" if right else (f"; missing {sorted(expected - set(told))}, besides {sorted(set(told) - expected, key=str)}, limits {limits}, "
                              f"counts {doubled}, users {users}, remarks {sorted({remark for one in found if one.get('cause') is None for remark in one.get('limits') or []})}")
    return right, f"{len(lines)} failures of {len(seen)} programs, {standing['while']} BPF programs, {standing['after']} left{wrong}"


def costs(text):
    """The medians of the pairs' ratios, with and without the recorder."""
    found = records(text)
    pairs = list(zip([one for one in found if not one["tap"]], [one for one in found if one["tap"]]))
    names = [name for name in ("loop", "nginx") if all(name in one for one in found)]
    return "; ".join(f"{name} {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
                     for name in names if pairs for ratios in [[tap[name] / plain[name] for plain, tap in pairs]])


def records(text):
    found = []
    for line in text.split("\n"):
        if line.startswith("{"):
            try:
                found.append(json.loads(line))
            except ValueError:
                found.append({"error": "cut off: " + line[:80]})
    return found
