using Bindwise.Linux.Accounts;
using Bindwise.Linux.Native;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Callers;

/// <summary>Reads who asks and with which rights (capabilities(7), user_namespaces(7)).</summary>
internal static class CallerReader
{
    /// <summary>PROC_USER_INIT_INO (include/linux/proc_ns.h): the inode of the system's first user namespace.</summary>
    private const ulong InitialUserNamespaceInode = 0xEFFFFFFD;

    /// <summary>User namespaces nest at most 32 deep (kernel/user_namespace.c).</summary>
    private const int MaximumDepth = 33;

    /// <summary>Reads the calling thread's rights in its own network namespace.</summary>
    /// <param name="names">For the user's name; null when it is not asked for.</param>
    internal static Caller Read(UserNames? names)
    {
        var user = IdentityCall.EffectiveUser();
        var hasCapabilities = IdentityCall.EffectiveCapabilities(out var capabilities) == Errno.None;
        return new Caller
        {
            UserId = user,
            UserName = names?.Find(user),
            ProcessId = Environment.ProcessId,
            InInitialPidNamespace = PidNamespace.IsInitial(),
            MayBindPrivilegedPorts = hasCapabilities ? MayBind(Has(capabilities, IdentityCall.BindService), user) : Fact.Unknown,
            MayReadEveryProcess = hasCapabilities ? MayTrace(Has(capabilities, IdentityCall.SystemTrace)) : Fact.Unknown,
        };
    }

    private static bool Has(ulong capabilities, int capability) => (capabilities >> capability & 1) != 0;

    /// <summary>
    /// ns_capable(net->user_ns, CAP_NET_BIND_SERVICE): the capability counts in the caller's user namespace and below; and
    /// who made a user namespace has every capability in it, seen from its parent (cap_capable(), security/commoncap.c).
    /// </summary>
    private static Fact MayBind(bool hasCapability, uint user)
    {
        var errno = NamespaceCall.Open("/proc/thread-self/ns/net\0"u8, out var network);
        using (network)
        {
            if (errno != Errno.None || !TryIdentify("/proc/thread-self/ns/user\0"u8, out var own))
                return Fact.Unknown;
            errno = NamespaceCall.OwningUserNamespace(network, out var owner);
            using (owner)
            {
                // The owner lies outside what the caller's capabilities reach.
                if (errno == Errno.EPERM)
                    return Fact.No;
                if (errno != Errno.None || !TryIdentify(owner, out var identity))
                    return Fact.Unknown;
                return hasCapability ? Fact.Yes
                    : identity == own ? Fact.No
                    : MadeNamespace(owner, own, user, MaximumDepth);
            }
        }
    }

    /// <summary>Whether the caller made the user namespace, or one above it, directly below his own.</summary>
    private static Fact MadeNamespace(SafeFileDescriptor userNamespace, (uint Major, uint Minor, ulong Inode) own, uint user, int depthLeft)
    {
        var errno = NamespaceCall.Parent(userNamespace, out var parent);
        using (parent)
        {
            if (errno != Errno.None || depthLeft == 0 || !TryIdentify(parent, out var identity))
                return Fact.Unknown;
            if (identity != own)
                return MadeNamespace(parent, own, user, depthLeft - 1);
            return NamespaceCall.OwnerUser(userNamespace, out var maker) != Errno.None ? Fact.Unknown
                : maker == user ? Fact.Yes
                : Fact.No;
        }
    }

    /// <summary>CAP_SYS_PTRACE opens every process only in the first user namespace; in another, those of that namespace.</summary>
    private static Fact MayTrace(bool hasCapability)
    {
        if (!hasCapability)
            return Fact.No;
        return TryIdentify("/proc/thread-self/ns/user\0"u8, out var own) && own.Inode == InitialUserNamespaceInode ? Fact.Yes : Fact.Unknown;
    }

    private static bool TryIdentify(ReadOnlySpan<byte> pathNul, out (uint Major, uint Minor, ulong Inode) identity)
    {
        var errno = FileStatusCall.Follow(pathNul, out var status);
        identity = (status.DeviceMajor, status.DeviceMinor, status.Inode);
        return errno == Errno.None;
    }

    private static bool TryIdentify(SafeFileDescriptor file, out (uint Major, uint Minor, ulong Inode) identity)
    {
        var errno = FileStatusCall.Look(file, out var status);
        identity = (status.DeviceMajor, status.DeviceMinor, status.Inode);
        return errno == Errno.None;
    }
}
