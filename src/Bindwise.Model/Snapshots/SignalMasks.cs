namespace Bindwise.Diagnostics;

/// <summary>What becomes of signals to a process (proc_pid_status(5)); bit n - 1 stands for signal n.</summary>
/// <param name="Blocked">SigBlk of every thread, less what it reads from a signalfd(2): such a signal waits for ever.</param>
/// <param name="Ignored">SigIgn.</param>
/// <param name="Caught">SigCgt: it has a handler.</param>
public readonly record struct SignalMasks(ulong Blocked, ulong Ignored, ulong Caught);
