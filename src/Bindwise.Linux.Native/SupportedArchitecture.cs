namespace Bindwise.Linux;

/// <summary>
/// The processors whose system calls this library knows: x64 and arm64. Elsewhere numbers and
/// layouts differ, and an answer would be a guess.
/// </summary>
internal static class SupportedArchitecture
{
    /// <summary>Why nothing works here, in one line for people.</summary>
    /// <param name="architecture">The architecture of the process, as <see cref="RuntimeInformation.ProcessArchitecture"/> says it.</param>
    /// <returns>null for x64 and arm64.</returns>
    public static string? WhyNot(Architecture architecture) => architecture is Architecture.X64 or Architecture.Arm64
        ? null
        : $"on Linux, Bindwise works on x64 and arm64 only; this process is {architecture.ToString().ToLowerInvariant()}";

    /// <exception cref="PlatformNotSupportedException">It is not.</exception>
    internal static void Demand()
    {
        if (WhyNot(RuntimeInformation.ProcessArchitecture) is { } reason)
            throw new PlatformNotSupportedException(reason);
    }
}
