"""A program that listens and starts another one: listen_and_run.py PORT INPUT COMMAND... prints what that says to the input."""
import subprocess
import sys
from situation import open_socket

held = open_socket(["tcp", "127.0.0.1", sys.argv[1], "listen"])
end = subprocess.run(sys.argv[3:], input=sys.argv[2] + "\n", text=True)
sys.exit(end.returncode)
