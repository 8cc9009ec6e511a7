using System.Globalization;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Processes;

/// <summary>What one thread of the search counted; the threads' tallies are added when all have ended.</summary>
internal sealed class OwnerTally
{
    /// <summary>How many unexpected errors are told one by one.</summary>
    internal const int FailureLimit = 4;

    /// <summary>Processes whose descriptors may not be read.</summary>
    internal int Unreadable { get; set; }

    /// <summary>The processes that refused, kernel threads and zombies included: a second look would be refused too.</summary>
    internal List<int> Refused { get; } = [];

    /// <summary>Processes that ended while they were looked at.</summary>
    internal int Vanished { get; set; }

    /// <summary>Processes for which no descriptor or memory was left: to be tried again.</summary>
    internal List<int> Exhausted { get; } = [];

    /// <summary>Processes whose holdings are known but for their flags, for the same want: worth another try.</summary>
    internal List<int> FlagsMissed { get; } = [];

    /// <summary>Unexpected errors, one line each, the first few.</summary>
    internal List<string> Failures { get; } = [];

    /// <summary>Counts a process at which the kernel answered with an unexpected error.</summary>
    internal void Fail(int pid, Errno errno)
    {
        Unreadable++;
        if (Failures.Count < FailureLimit)
            Failures.Add(string.Create(CultureInfo.InvariantCulture, $"the descriptors of process {pid} could not be read ({errno})"));
    }

    /// <summary>Adds another thread's counts.</summary>
    internal void Add(OwnerTally other)
    {
        Unreadable += other.Unreadable;
        Vanished += other.Vanished;
        Refused.AddRange(other.Refused);
        Exhausted.AddRange(other.Exhausted);
        FlagsMissed.AddRange(other.FlagsMissed);
        Failures.AddRange(other.Failures);
    }
}
