namespace Bindwise.Linux.Events;

/// <summary>What a source of events cannot see, in sentences for people.</summary>
internal static class PortEventLimits
{
    /// <summary>What is not seen of failed calls, and what would show it.</summary>
    /// <param name="failures">What tells them; null where nothing does.</param>
    internal static ImmutableArray<string> Of(FailureFeed? failures) => failures switch
    {
        null => [WithoutTap()],
        { IsOnFunctions: true } => [],
        _ => ["Failed binds through io_uring and those of 32-bit programs are not seen: this kernel does not allow BPF programs on its "
            + "own functions (fexit)."],
    };

    private static string WithoutTap() => EffectiveIds.User() != 0
        ? "Failed binds are not seen: that needs root (sudo). Ports that are taken and released are."
        : "Failed binds are not seen: the kernel does not let this process load BPF programs (CAP_BPF and CAP_PERFMON outside containers, "
            + "Linux 5.8 or newer).";
}
