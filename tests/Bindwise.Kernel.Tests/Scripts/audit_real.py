"""audit_real.py NAME BINDWISE: audits a real server (run_real.py) that answers a few requests, ends it, and prints the report."""
import os
import signal
import subprocess
import sys
import tempfile
import time

NAME, BINDWISE = sys.argv[1:]
sys.argv = ["run_real.py", "redis"]
source = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "run_real.py")).read()
exec(source[:source.rindex("\nmain()")])

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    audit = subprocess.Popen([BINDWISE, "audit", "--json", "--fail-on", "never", "--", *command(NAME, folder)], stdout=subprocess.PIPE)
    end = time.monotonic() + 50
    answered = 0
    while answered < 3 and audit.poll() is None and time.monotonic() < end:
        answered += ask(NAME)
        time.sleep(0.02)
    audit.send_signal(signal.SIGINT)
    sys.stdout.buffer.write(audit.communicate()[0])
