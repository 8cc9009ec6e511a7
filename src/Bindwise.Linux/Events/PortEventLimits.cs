using Bindwise.Linux.Callers;

namespace Bindwise.Linux.Events;

/// <summary>What a source of events cannot see, in sentences for people.</summary>
internal static class PortEventLimits
{
    /// <summary>What is not seen of failed calls, and what would show it.</summary>
    /// <param name="failures">What tells them; null where nothing does.</param>
    internal static ImmutableArray<string> Of(FailureFeed? failures)
    {
        if (failures is null)
            return [WithoutTap()];
        var limits = ImmutableArray.CreateBuilder<string>();
        if (!failures.IsOnFunctions)
            limits.Add("Failed binds through io_uring and those of 32-bit programs are not seen: this kernel does not allow BPF programs "
                + "on its own functions (fexit).");
        if (PidNamespace.IsInitial() == Fact.No)
            limits.Add("Failed binds of processes outside this PID namespace are not seen: that needs the host's PID namespace "
                + "(docker run --pid=host).");
        return limits.DrainToImmutable();
    }

    private static string WithoutTap() => EffectiveIds.User() != 0
        ? "Failed binds are not seen: that needs root (sudo). Ports that are taken and released are."
        : "Failed binds are not seen: the kernel does not let this process load BPF programs (CAP_BPF and CAP_PERFMON outside containers, "
            + "Linux 5.8 or newer).";
}
