namespace Bindwise.Tools;

/// <summary>What is to be freed, and how far that may go.</summary>
public sealed record FreeRequest
{
    /// <summary>
    /// The port or path, and how the program that wants it binds. Asked for this process alone, so without <see cref="PortQuery.As"/>.
    /// </summary>
    public required PortQuery Query { get; init; }

    /// <summary>How long processes have to end after SIGTERM; 5 s by default. At least 0.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Ends by SIGKILL what still holds the socket after <see cref="GracePeriod"/>; false: that is left running.</summary>
    public bool Force { get; init; }

    /// <summary>Destroys TCP sockets that no process holds, TIME_WAIT among them; needs CAP_NET_ADMIN.</summary>
    public bool Destroy { get; init; }

    /// <summary>How long to wait for sockets that no process holds; at least 0; null for not at all.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>
    /// How long to watch, after it is free, whether a parent or a supervisor starts again what was ended; 2 s by default, 0 for not at all.
    /// At least 0.
    /// </summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>As root: also ends processes of other users. The plan names them.</summary>
    public bool MayEndOthers { get; init; }

    /// <summary>The cookies of the sockets that were shown, whose owners alone may be ended; empty for all in the way.</summary>
    internal ImmutableArray<ulong> Sockets { get; init; } = [];
}
