using Bindwise.Linux.Native;

namespace Bindwise.Linux.Listening;

/// <summary>The system call that failed, or none.</summary>
/// <param name="Errno">What it answered; None when every call worked.</param>
/// <param name="Call">The call as people write it, with the option's name, as <c>setsockopt(SO_REUSEPORT)</c>; null when every call worked.</param>
internal readonly record struct CallFault(Errno Errno, string? Call)
{
    /// <summary>Every call worked.</summary>
    internal static CallFault None => default;

    /// <summary>Some call failed.</summary>
    internal bool IsFault => Errno != Errno.None;
}
