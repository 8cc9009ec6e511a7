"""Holds sockets: hold.py WORDS [and WORDS]... (words: see situation.open_socket). "leave" at the end: exits without closing up."""
import sys
from situation import cookie, inode, open_socket, ready, stay

groups, leave = [[]], False
for word in sys.argv[1:]:
    if word == "leave":
        leave = True
    elif word == "and":
        groups.append([])
    else:
        groups[-1].append(word)

held = [open_socket(words) for words in groups]
ready(inode=inode(held[0]), cookie=cookie(held[0]), port=held[0].getsockname()[1] if groups[0][0] != "unix" else 0)
if not leave:
    stay()
