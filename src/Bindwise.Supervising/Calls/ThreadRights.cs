using Bindwise.Linux.Accounts;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Subjects;

namespace Bindwise.Supervising.Calls;

/// <summary>A thread's user, groups and capabilities, for another thread to work with: the kernel's checks are then those that the first
/// would meet.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ThreadRights(uint user, ulong capabilities, GroupList groups)
{
    internal static ThreadRights Own { get; } = new(0, 0, new GroupList(0, []));

    internal bool IsOwn => ReferenceEquals(this, Own);

    /// <summary>Works with them; on a thread of its own, where they are not this process's, which changes no other.</summary>
    /// <param name="work">The work, without lasting state but its result.</param>
    /// <param name="network">The network namespace to do it in; null: this one.</param>
    /// <returns>Null where a thread cannot take them on, or not go there: nothing was done.</returns>
    internal Errno? TryWork(Func<Errno> work, SafeFileDescriptor? network = null)
    {
        if (IsOwn && network is null)
            return work();
        return BoundedWork.TryRun(() => network is null || NetworkNamespaceCall.Enter(network) == Errno.None ? WorkAs(work) : null,
            out var result) ? result : null;
    }

    // On a thread that ends with it.
    private Errno? WorkAs(Func<Errno> work)
    {
        if (IsOwn)
            return work();
        using var scope = CredentialScope.Begin(user, capabilities, groups, out var obstacle);
        // With fewer than the program has it would be refused what it may do.
        return obstacle is null && CapabilityCall.Effective(out var effective) == Errno.None && effective == capabilities
            && EffectiveIds.User() == user ? work() : null;
    }
}
