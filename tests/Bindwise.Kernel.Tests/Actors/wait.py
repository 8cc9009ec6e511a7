"""Waits, without a socket."""
from acting import ready, stay

ready()
stay()
