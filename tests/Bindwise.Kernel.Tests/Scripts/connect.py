"""A connection and how it ends: connect.py LISTEN-WORDS then STEP...

Both ends live in this process; the steps are played in order. A step is WHO.WHAT with listener, server (the accepted
end) and client as WHO, and as WHAT: close, finish (shutdown for writing), reset, drop (lose what comes in), take (stop
losing it), reuseaddr, send.
"""
import socket
import struct
import sys
from situation import drop_incoming, inode, open_socket, ready, stay, take_incoming

split = sys.argv.index("then")
listener = open_socket(sys.argv[1:split] + ["listen"])
client = socket.create_connection(listener.getsockname()[:2], timeout=60)
server, _ = listener.accept()
ends = {"listener": listener, "server": server, "client": client}
inodes = {name: inode(end) for name, end in ends.items()}

for step in sys.argv[split + 1:]:
    name, what = step.split(".")
    end = ends[name]
    if what == "close":
        end.close()
    elif what == "finish":
        end.shutdown(socket.SHUT_WR)
    elif what == "reset":
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.close()
    elif what == "drop":
        drop_incoming(end)
    elif what == "take":
        take_incoming(end)
    elif what == "reuseaddr":
        end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    elif what == "send":
        end.send(b"x")
    else:
        raise ValueError(step)

ready(**inodes, clientPort=client.getsockname()[1] if client.fileno() >= 0 else 0)
stay()
