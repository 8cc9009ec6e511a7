namespace Bindwise.Linux.Native;

/// <summary>A number of the kernel's interface on each architecture that is supported.</summary>
/// <param name="Name">What the kernel's headers call it: a C expression.</param>
internal sealed record KernelNumber(string Name, long X64, long Arm64)
{
    internal KernelNumber(string name, long everywhere)
        : this(name, everywhere, everywhere)
    {
    }

    public static implicit operator nint(KernelNumber number) => checked((nint)number.Of(RuntimeInformation.ProcessArchitecture));

    public static explicit operator uint(KernelNumber number) => checked((uint)number.Of(RuntimeInformation.ProcessArchitecture));

    internal long Of(Architecture architecture) => architecture switch
    {
        Architecture.X64 => X64,
        Architecture.Arm64 => Arm64,
        var other => throw new PlatformNotSupportedException(SupportedArchitecture.WhyNot(other)),
    };
}

/// <summary>Flags of open(2) that x86 and Arm number differently (arch/arm64/include/uapi/asm/fcntl.h).</summary>
internal static class OpenFlag
{
    internal static readonly KernelNumber Directory = new("O_DIRECTORY", 0x10000, 0x4000);
    internal static readonly KernelNumber NoFollow = new("O_NOFOLLOW", 0x20000, 0x8000);
}

/// <summary>
/// The processors whose system calls this library knows: x64 and arm64. Elsewhere numbers and
/// layouts differ, and an answer would be a guess.
/// </summary>
internal static class SupportedArchitecture
{
    /// <summary>Why nothing works here, in one line for people; null for x64 and arm64.</summary>
    public static string? WhyNot(Architecture architecture) => architecture is Architecture.X64 or Architecture.Arm64
        ? null
        : $"on Linux, Bindwise works on x64 and arm64 only; this process is {architecture.ToString().ToLowerInvariant()}";

    internal static void Demand()
    {
        if (WhyNot(RuntimeInformation.ProcessArchitecture) is { } reason)
            throw new PlatformNotSupportedException(reason);
    }
}
