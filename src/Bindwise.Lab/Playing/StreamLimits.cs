using Bindwise.Linux.Live;

namespace Bindwise.Lab.Playing;

/// <summary>How much of a stream of scenarios may be under way at once.</summary>
public sealed record StreamLimits
{
    // Few scenarios have more sockets at a time, with a namespace of their own.
    private const int DescriptorsEach = 8;

    // On the model alone, as everywhere but on Linux, nobody opens any.
    private static int Descriptors => OperatingSystem.IsLinux() ? DescriptorLimit.Read() : int.MaxValue;

    /// <summary>
    /// The threads that play on the kernel, more than processors: one whose SYN nobody answers sleeps for five seconds in connect().
    /// Further ones than the first start when scenarios queue up. On the model alone the calling thread plays: there nobody waits.
    /// </summary>
    public int Workers { get; init; } = Math.Clamp(8 * Environment.ProcessorCount, 8, 32);

    /// <summary>The entries that may be read before a thread takes them.</summary>
    public int Ahead { get; init; } = 256;

    /// <summary>
    /// The scenarios that may wait at once, on all threads together; further ones begin only as these go on. Fewer where this process
    /// may have few descriptors.
    /// </summary>
    public int Waiting { get; init; } = Math.Clamp(Descriptors / DescriptorsEach, 8, 2_500);

    /// <summary>The entries that may be read and not yet answered, where answers come in order: one that waits holds up those behind it.</summary>
    public int Unanswered { get; init; } = 20_000;

    /// <summary>Entries are answered in their order; otherwise each as soon as it is played.</summary>
    public bool InOrder { get; init; } = true;
}
