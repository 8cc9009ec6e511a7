using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Threads;

/// <summary>
/// The processors that the runtime has counted, and divides by. Where sched_getaffinity(2) is refused it takes what stood in memory for the
/// answer, which may be none.
/// </summary>
internal static class CountedProcessors
{
    /// <summary>The runtime's own variable for their number; it then asks nobody.</summary>
    private const string Variable = "DOTNET_PROCESSOR_COUNT";

    /// <summary>Starts this program anew with one processor where the runtime has counted none; then it does not return.</summary>
    /// <returns>Why that does not work, one line; null where there is at least one.</returns>
    public static string? EnsureOne()
    {
        if (Environment.ProcessorCount > 0)
            return null;
        if (Environment.GetEnvironmentVariable(Variable) is null)
            ProcessReplacement.BecomeAnew([new(Variable, "1")]);
        return $"the system does not say how many processors there are (sched_getaffinity() is refused): set {Variable}=1";
    }
}
