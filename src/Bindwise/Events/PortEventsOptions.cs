namespace Bindwise;

/// <summary>Which events of a host a program follows, and how many may wait for it.</summary>
public sealed record PortEventsOptions
{
    /// <summary>The default of <see cref="Capacity"/>.</summary>
    internal const int DefaultCapacity = 4096;

    private const int MaximumCapacity = 1024 * 1024;

    /// <summary>Only calls that failed (<see cref="PortEventKind.BindFailed"/>), and what was lost. Default: false, everything.</summary>
    public bool FailuresOnly { get; init; }

    /// <summary>
    /// So many events may wait to be read: 1 to 1,048,576; default 4,096. What comes while so many wait is counted, and told by an event
    /// <see cref="PortEventKind.Lost"/> when there is room.
    /// </summary>
    public int Capacity { get; init; } = DefaultCapacity;

    internal void Check(string name)
    {
        if (Capacity is < 1 or > MaximumCapacity)
            throw new ArgumentException($"{nameof(Capacity)} is {Capacity}, and must be between 1 and {MaximumCapacity}.", name);
    }
}
