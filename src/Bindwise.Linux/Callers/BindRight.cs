namespace Bindwise.Linux.Callers;

/// <summary>
/// ns_capable(net->user_ns, CAP_NET_BIND_SERVICE): a capability counts in the user namespace of who has it and below; and who made a user
/// namespace has every capability in it, seen from its parent (cap_capable(), security/commoncap.c).
/// </summary>
internal static class BindRight
{
    /// <summary>User namespaces nest at most 32 deep (kernel/user_namespace.c).</summary>
    private const int MaximumDepth = 33;

    /// <summary>Whether somebody may bind privileged ports in a network namespace.</summary>
    /// <param name="hasCapability">CAP_NET_BIND_SERVICE is effective there.</param>
    /// <param name="user">The effective user who binds, as the caller's user namespace numbers users.</param>
    internal static Fact Of(SafeFileDescriptor network, UserHome home, bool hasCapability, uint user)
    {
        var errno = NamespaceCall.OwningUserNamespace(network, out var owner);
        using (owner)
            return errno switch
            {
                Errno.None => Climb(owner, home, hasCapability, user, MaximumDepth),
                Errno.EPERM => Beyond(home),
                _ => Fact.Unknown,
            };
    }

    private static Fact Climb(SafeFileDescriptor target, UserHome home, bool hasCapability, uint user, int depthLeft)
    {
        if (NamespaceId.Of(target) is not { } identity)
            return Fact.Unknown;
        if (identity == home.Id)
            return hasCapability ? Fact.Yes : Fact.No;
        var errno = NamespaceCall.Parent(target, out var parent);
        using (parent)
        {
            if (errno == Errno.EPERM)
                return Beyond(home);
            if (errno != Errno.None || depthLeft == 0 || NamespaceId.Of(parent) is not { } above)
                return Fact.Unknown;
            if (above == home.Id && NamespaceCall.OwnerUser(target, out var maker) == Errno.None && maker == user)
                return Fact.Yes;
            return Climb(parent, home, hasCapability, user, depthLeft - 1);
        }
    }

    /// <summary>
    /// What lies above the caller's user namespace is out of reach for all who are in it or below; of others nothing can be seen from here.
    /// </summary>
    private static Fact Beyond(UserHome home) => home.IsWithinCaller ? Fact.No : Fact.Unknown;
}

/// <summary>The user namespace of who binds: there his capabilities count.</summary>
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
