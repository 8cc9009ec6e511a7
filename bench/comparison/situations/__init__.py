"""The situations: every way in which a port or address cannot be had, each set up for real."""
from situations import closing, hidden, listening, refused

ALL = [*listening.SITUATIONS, *closing.SITUATIONS, *hidden.SITUATIONS, *refused.SITUATIONS]
