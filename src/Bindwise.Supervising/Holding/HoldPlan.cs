using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Holding;

/// <summary>How a program is started again with the sockets of its last start.</summary>
internal sealed record HoldPlan
{
    /// <summary>When it is started again by itself.</summary>
    public RestartPolicy Restart { get; init; }

    /// <summary>How long after SIGTERM a start is ended by SIGKILL.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Files whose change means a restart, as patterns (<see cref="GlobPattern"/>).</summary>
    public ImmutableArray<string> Watch { get; init; } = [];

    /// <summary>A restart that is asked for, or follows a change, starts the new one before the old one is told to stop.</summary>
    public bool Overlap { get; init; }

    /// <summary>
    /// Each start gets what is kept as descriptors 3 and so on, with LISTEN_FDS; one that binds all the same gets it in its place.
    /// </summary>
    public bool PassesSockets { get; init; }

    /// <summary>What these are called there, in the order in which they were first kept: printable ASCII without colons.</summary>
    public ImmutableArray<string> Names { get; init; } = [];
}
