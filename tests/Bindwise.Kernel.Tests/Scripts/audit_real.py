"""audit_real.py NAME BINDWISE: audits a real server (run_real.py) that answers a few requests, ends it, and prints the report."""
import os
import signal
import subprocess
import sys
import tempfile
import time

from run_real import ask, command

NAME, BINDWISE = sys.argv[1:]

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    audit = subprocess.Popen([BINDWISE, "audit", "--json", "--fail-on", "never", "--", *command(NAME, folder)], stdout=subprocess.PIPE)
    end = time.monotonic() + 240
    answered = 0
    while answered < 3 and audit.poll() is None and time.monotonic() < end:
        answered += ask(NAME)
        time.sleep(0.02)
    audit.send_signal(signal.SIGINT)
    sys.stdout.buffer.write(audit.communicate()[0])
