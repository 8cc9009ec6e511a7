"""What a situation is, and what naming it means."""
import dataclasses
import typing


@dataclasses.dataclass(frozen=True)
class Situation:
    """One way in which an address cannot be had (or can, and people think it cannot)."""

    name: str
    title: str
    story: str
    """What happened, in a sentence or two."""
    set_up: typing.Callable
    """Sets it up on a scene; returns the pids that hold the address, [] where no process does."""
    cause: dict
    """What an answer must say to name the cause: the words of the criterion, each with a pattern that any tool's spelling meets."""
    verdict: str
    causes: tuple
    """What `bindwise why --json` must say: the verdict, and one of these causes."""
    target: str | tuple = "8080"
    """What bindwise is asked, its options included; the words one by one where one of them has blanks."""
    port: int = 8080
    protocol: str = "tcp"
    addresses: tuple = ("0.0.0.0", "::")
    """The addresses that the server wants."""
    options: tuple | None = None
    """The server's socket options; by themselves what `why` takes for granted: SO_REUSEADDR on a TCP port, else none."""
    device: str = ""
    user: int = 0
    """Who asks: root, or a user without rights."""
    owner_is_visible: bool = True
    """Whether the one who asks may learn the holder's pid at all."""
    cause_is_demanded: bool = True
    """Whether there is something to say; where not, silence is right."""
    spare: str = ""
    """What comes of it when the holder itself is ended, where that is an accident."""
    commands: dict = dataclasses.field(default_factory=dict)
    """Better invocations of single tools than the usual ones for this situation."""

    @property
    def ask(self):
        usual = ("SO_REUSEADDR",) if self.protocol == "tcp" and self.port else ()
        options = usual if self.options is None else self.options
        return {"protocol": self.protocol, "port": self.port, "addresses": self.addresses, "options": options, "device": self.device, "user": self.user}
