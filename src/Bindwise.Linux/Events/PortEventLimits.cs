namespace Bindwise.Linux.Events;

/// <summary>What a source of events cannot see, in sentences for people.</summary>
internal static class PortEventLimits
{
    /// <summary>Failed calls are not seen, and what would show them.</summary>
    internal static string WithoutTap() => EffectiveIds.User() != 0
        ? "Failed binds are not seen: that needs root (sudo). Ports that are taken and given back are."
        : "Failed binds are not seen: the kernel does not let this process load BPF programs (CAP_BPF and CAP_PERFMON outside containers, "
            + "Linux 5.8 or newer).";
}
