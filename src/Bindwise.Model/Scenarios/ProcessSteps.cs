namespace Bindwise.Model.Scenarios;

/// <summary>A signal that a scenario may send.</summary>
public enum ProcessSignal
{
    /// <summary>SIGINT, which Ctrl+C sends to the foreground process group.</summary>
    Interrupt = 2,

    /// <summary>SIGKILL.</summary>
    Kill = 9,

    /// <summary>SIGTERM.</summary>
    Terminate = 15,
}

/// <summary>
/// A signal to a process group, whose only member is the process of that name; it handles none, so it ends, and the kernel closes its
/// sockets, that of the highest descriptor first (task_work_run(), kernel/task_work.c). ESRCH when there is none, or it has ended.
/// </summary>
/// <param name="Process">The process's name (<see cref="OpenStep.Process"/>).</param>
/// <param name="Signal">The signal.</param>
public sealed record SignalStep(string Process, ProcessSignal Signal) : Step;

/// <summary>A process ends by exit(), without closing anything itself: as <see cref="SignalStep"/>.</summary>
/// <param name="Process">The process's name.</param>
public sealed record ExitStep(string Process) : Step;
