using System.Collections.Immutable;

namespace Bindwise;

/// <summary>A program to start with sockets of this process. Immutable; checked when it is started.</summary>
public sealed record HandOverRequest
{
    /// <summary>The program: a path, or a name to look up in PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, without its own name.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>How its environment differs from this process's; a null value removes the variable.</summary>
    public ImmutableDictionary<string, string?> Environment { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>The sockets, 1 to 1,024, which become its descriptors 3, 4… in this order.</summary>
    public required ImmutableArray<HandedSocket> Sockets { get; init; }

    /// <summary>
    /// LISTEN_PID is the child's own id, as sd_listen_fds(3) requires. The id is known only after the start, so <c>/bin/sh</c> sets it and then
    /// becomes the program, in the same process. False: LISTEN_PID is left out and no shell is needed; the child must then take sockets without
    /// LISTEN_PID (<see cref="BehindWrapper.Take"/>).
    /// </summary>
    public bool TellsProcessId { get; init; } = true;
}
