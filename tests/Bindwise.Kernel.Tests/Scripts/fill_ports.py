"""Binds a range of ports on the wildcard: fill_ports.py FIRST LAST."""
import sys
from situation import open_socket, ready, stay

held = [open_socket(["tcp", "0.0.0.0", port]) for port in range(int(sys.argv[1]), int(sys.argv[2]) + 1)]
ready(count=len(held))
stay()
