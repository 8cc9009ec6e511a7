"""Holds an abstract UNIX name with a datagram socket: squat.py NAME."""
import socket
import sys
from situation import ready, stay

squatter = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
squatter.bind("\0" + sys.argv[1])
ready()
stay()
