namespace Bindwise.Lab.Playing;

/// <summary>How much of a stream of scenarios may be under way at once.</summary>
public sealed record StreamLimits
{
    /// <summary>The threads that play.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The scenarios that may be ready before a thread takes them: handing over one by one costs more than most of them.</summary>
    public int Ahead { get; init; } = 256;

    /// <summary>The scenarios that may wait at once; further ones start only as these go on.</summary>
    public int Waiting { get; init; } = 2_500;

    /// <summary>The scenarios that may be started and not yet answered: answers come in order, so one that waits holds up those behind it.</summary>
    public int Unanswered { get; init; } = 20_000;
}
