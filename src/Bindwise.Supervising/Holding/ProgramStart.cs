using System.Diagnostics;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Supervising.Holding;

/// <summary>One start of a program: a child of this process, with a filter and so a listener of its own.</summary>
/// <param name="process">The child.</param>
/// <param name="channel">The channel to it, which ends when it executes the program.</param>
/// <param name="wake">Is set when something of it changes that nobody waits for.</param>
[SupportedOSPlatform("linux")]
internal sealed class ProgramStart(int process, SafeFileDescriptor channel, WakeSignal wake) : IDisposable
{
    /// <summary>How long after the last socket it is up, though others are kept that it has not taken.</summary>
    internal static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>How long after the last socket what it has not taken is closed.</summary>
    internal static readonly TimeSpan Releasing = TimeSpan.FromSeconds(5);

    private readonly long _began = Stopwatch.GetTimestamp();
    private long _listenedAt;
    private long _executedAt;

    internal int ProcessId { get; } = process;

    /// <summary>Null once the program is executed, or was not.</summary>
    internal SafeFileDescriptor? Channel { get; private set; } = channel;

    /// <summary>It has its filter: its calls are answered from here on.</summary>
    internal bool IsSupervised { get; set; }

    /// <summary>It is the program by now.</summary>
    internal bool IsExecuted { get; private set; }

    /// <summary>It listens, or has a bound socket of UDP.</summary>
    internal bool HasListened { get; private set; }

    /// <summary>How it ended; null as long as it runs.</summary>
    internal StartEnd? End { get; private set; }

    /// <summary>Why it is told to stop: it is started again for that; null where nobody stopped it.</summary>
    internal string? StopReason { get; set; }

    /// <summary>Why it was started again; null for the first.</summary>
    internal string? Reason { get; init; }

    /// <summary>Why the program could not be executed; null where it could.</summary>
    internal string? Fault { get; set; }

    /// <summary>It got no filter.</summary>
    internal bool IsUnsupervised { get; set; }

    /// <summary>It got what is kept with LISTEN_FDS: whether it uses that, nothing tells but that it goes on.</summary>
    internal bool HasPassed { get; set; }

    /// <summary>How long until a program that got its sockets so counts as one that listens; null where it does, or got none.</summary>
    internal TimeSpan? UntilListening => this is { HasPassed: true, IsExecuted: true, HasListened: false, End: null } ? Settling - Stopwatch.GetElapsedTime(_executedAt) : null;

    /// <summary>Signals that came before it was the program.</summary>
    internal List<int> Waiting { get; } = [];

    /// <summary>It was told to stop.</summary>
    internal bool IsStopping { get; set; }

    /// <summary>When what is left of it is killed (<see cref="Stopwatch.GetTimestamp"/>); null for not yet.</summary>
    internal long? KillAt { get; set; }

    /// <summary>When it began, in clock ticks since the system's start.</summary>
    internal ulong BeganAt { get; } = Descendants.BeganAt(process) ?? 0;

    /// <summary>What was done about it once it was up.</summary>
    internal bool WasUp { get; set; }

    /// <summary>What it has not taken was closed.</summary>
    internal bool HasReleased { get; set; }

    /// <summary>How long ago it last got a socket.</summary>
    internal TimeSpan SinceListening => Stopwatch.GetElapsedTime(_listenedAt);

    /// <summary>The channel has ended.</summary>
    internal void Executed(bool isProgram)
    {
        Channel?.Dispose();
        Channel = null;
        IsExecuted = isProgram;
        _executedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>It got a socket.</summary>
    internal void Listens()
    {
        HasListened = true;
        _listenedAt = Stopwatch.GetTimestamp();
        wake.Set();
    }

    /// <summary>Its process was waited for.</summary>
    internal void Ended(int exitCode, int signal) => End = new StartEnd(exitCode, signal, HasListened, Stopwatch.GetElapsedTime(_began));

    /// <summary>The last thread that had the filter has ended.</summary>
    internal void Silent()
    {
        IsSilent = true;
        wake.Set();
    }

    /// <summary>No process of it is left, as far as its filter tells.</summary>
    internal bool IsSilent { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => Channel?.Dispose();
}
