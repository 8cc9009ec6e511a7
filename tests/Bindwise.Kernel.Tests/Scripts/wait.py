"""Waits, without a socket."""
from situation import ready, stay

ready()
stay()
