using Bindwise.Linux.Accounts;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Callers;

/// <summary>Reads who asks and with which rights (capabilities(7), user_namespaces(7)).</summary>
internal static class CallerReader
{
    /// <summary>Reads the calling thread's rights in its own network namespace.</summary>
    /// <param name="names">For the user's name; null when it is not asked for.</param>
    /// <param name="asker">The process that asks; null for this one.</param>
    internal static Caller Read(UserNames? names, int? asker = null)
    {
        var user = EffectiveIds.User();
        var hasCapabilities = CapabilityCall.Effective(out var capabilities) == Errno.None;
        return new Caller
        {
            UserId = user,
            UserName = names?.Find(user),
            ProcessId = asker ?? Environment.ProcessId,
            InInitialPidNamespace = PidNamespace.IsInitial(),
            MayBindPrivilegedPorts = hasCapabilities ? MayBind(Has(capabilities, CapabilityCall.BindService), user) : Fact.Unknown,
            MayGainPrivilegedPorts = CapabilityCall.IsBounded(CapabilityCall.BindService) switch
            {
                true => Fact.Yes,
                false => Fact.No,
                null => Fact.Unknown,
            },
            MayReadEveryProcess = hasCapabilities ? MayTrace(Has(capabilities, CapabilityCall.SystemTrace)) : Fact.Unknown,
        };
    }

    private static bool Has(ulong capabilities, int capability) => (capabilities >> capability & 1) != 0;

    private static Fact MayBind(bool hasCapability, uint user)
    {
        var errno = NamespaceCall.Open("/proc/thread-self/ns/net\0"u8, out var network);
        using (network)
            return errno == Errno.None && UserHome.OfCaller is { } home ? BindRight.Of(network, home, hasCapability, user) : Fact.Unknown;
    }

    /// <summary>CAP_SYS_PTRACE opens every process only in the first user namespace; in another, those of that namespace.</summary>
    private static Fact MayTrace(bool hasCapability)
    {
        if (!hasCapability)
            return Fact.No;
        return NamespaceId.Of("/proc/thread-self/ns/user\0"u8) is { Inode: NamespaceId.InitialUserNamespaceInode } ? Fact.Yes
            : Fact.Unknown;
    }
}

/// <summary>The parents of the process that asks: the script, shell or session that must not be advised to be ended.</summary>
internal static class CallerAncestry
{
    /// <summary>Their process ids, the nearest first; what /proc does not show ends the list.</summary>
    internal static ImmutableArray<int> Read(int process)
    {
        var ids = ImmutableArray.CreateBuilder<int>();
        while (ids.Count < ProcessTree.DepthLimit && ProcessTree.StatOf(process) is { ParentId: > 0 and var parent })
            ids.Add(process = parent);
        return ids.DrainToImmutable();
    }
}

/// <summary>In which PID namespace this program runs (pid_namespaces(7)): processes outside of it are not to be seen.</summary>
internal static class PidNamespace
{
    /// <summary>Whether it is the system's first; Unknown without a /proc of its own.</summary>
    internal static Fact IsInitial() => FileStatusCall.Stat("/proc/self/ns/pid\0"u8, out var status) != Errno.None ? Fact.Unknown
        : status.Inode == NamespaceId.InitialPidNamespaceInode ? Fact.Yes
        : Fact.No;
}

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
