"""What the kernel answers to an MPTCP server's bind() and listen(): multipath_binds.py ADDRESS PORT. One line each: plain, SO_REUSEADDR."""
import errno
import socket
import sys

for reuse in (0, 1):
    end = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
    try:
        end.bind((sys.argv[1], int(sys.argv[2])))
        end.listen()
        print("ok")
    except OSError as error:
        print(errno.errorcode[error.errno])
    end.close()
