using Bindwise.Linux.Accounts;
using Bindwise.Linux.Native;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Callers;

/// <summary>Reads who asks and with which rights (capabilities(7), user_namespaces(7)).</summary>
internal static class CallerReader
{
    /// <summary>Reads the calling thread's rights in its own network namespace.</summary>
    /// <param name="names">For the user's name; null when it is not asked for.</param>
    internal static Caller Read(UserNames? names)
    {
        var user = EffectiveUserCall.Current();
        var hasCapabilities = CapabilityCall.Effective(out var capabilities) == Errno.None;
        return new Caller
        {
            UserId = user,
            UserName = names?.Find(user),
            ProcessId = Environment.ProcessId,
            InInitialPidNamespace = PidNamespace.IsInitial(),
            MayBindPrivilegedPorts = hasCapabilities ? MayBind(Has(capabilities, CapabilityCall.BindService), user) : Fact.Unknown,
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
        return NamespaceId.Of("/proc/thread-self/ns/user\0"u8) is { Inode: NamespaceId.InitialUserNamespaceInode } ? Fact.Yes : Fact.Unknown;
    }
}
