using Bindwise.Linux.Native;

namespace Bindwise.Linux.Callers;

/// <summary>The user namespace of who binds: there his capabilities count.</summary>
/// <param name="Id">Which one.</param>
/// <param name="IsWithinCaller">It is the caller's own, or below it.</param>
internal readonly record struct UserHome(NamespaceId Id, bool IsWithinCaller)
{
    /// <summary>The calling thread's; null when it cannot be looked at.</summary>
    internal static UserHome? OfCaller => NamespaceId.Of("/proc/thread-self/ns/user\0"u8) is { } id ? new UserHome(id, true) : null;

    /// <summary>The one of an open file, as /proc/PID/ns/user.</summary>
    internal static UserHome? Of(SafeFileDescriptor file)
    {
        if (NamespaceId.Of(file) is not { } id)
            return null;
        if (id == OfCaller?.Id)
            return new UserHome(id, true);
        // The parent shows itself only for what is below the caller's own (ns_get_owner(), kernel/user_namespace.c).
        var errno = NamespaceCall.Parent(file, out var parent);
        using (parent)
            return new UserHome(id, errno == Errno.None);
    }
}
