"""Which of two listeners gets forty connections: share.py ADDRESS WORDS and WORDS (words: see situation.open_socket): first, second, both."""
import select
import socket
import sys
from situation import open_socket

to, words = sys.argv[1], sys.argv[2:]
cut = words.index("and")
listeners = [open_socket(words[:cut]), open_socket(words[cut + 1:])]
family = socket.AF_INET6 if ":" in to else socket.AF_INET
clients, counts = [], [0, 0]
for _ in range(40):
    client = socket.socket(family, socket.SOCK_STREAM)
    clients.append(client)
    client.connect((to, listeners[0].getsockname()[1]))
    # Each is accepted before the next one comes: no queue gets full.
    for listener in select.select(listeners, [], [])[0]:
        clients.append(listener.accept()[0])
        counts[listeners.index(listener)] += 1

print("both" if all(counts) else "first" if counts[0] else "second")
