using Bindwise.Linux.Threads;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live;

/// <summary>
/// The running kernel cannot be asked: this user may make no network namespace, or this one scenario needs what this system does not give.
/// Not an answer of the kernel. Its message is one line that says what is missing.
/// </summary>
internal sealed class LiveUnavailableException : UnplayableException
{
    /// <summary>Makes one with .NET's default message.</summary>
    public LiveUnavailableException()
    {
    }

    public LiveUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>After a call that failed: where this process or the system has no more of something, its message says that.</summary>
    public LiveUnavailableException(Errno errno, string message)
        : base(ResourceShortage.Behind(errno) ?? message)
    {
    }

    /// <summary>With a message of one line and what caused it.</summary>
    public LiveUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
