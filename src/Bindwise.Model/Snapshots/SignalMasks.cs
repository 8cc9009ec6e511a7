namespace Bindwise.Diagnostics;

/// <summary>What becomes of signals to a process (proc_pid_status(5)); bit n - 1 stands for signal n.</summary>
internal readonly record struct SignalMasks
{
    /// <param name="blocked">SigBlk of every thread, less what it reads from a signalfd(2): such a signal waits for ever.</param>
    /// <param name="caught">SigCgt: it has a handler.</param>
    public SignalMasks(ulong blocked, ulong ignored, ulong caught) => (Blocked, Ignored, Caught) = (blocked, ignored, caught);

    /// <summary>SigBlk of every thread, less what it reads from a signalfd(2): such a signal waits for ever.</summary>
    public ulong Blocked { get; init; }

    public ulong Ignored { get; init; }

    /// <summary>SigCgt: it has a handler.</summary>
    public ulong Caught { get; init; }
}
