using Bindwise.Linux.Accounts;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Subjects;
using Bindwise.Linux.Sysctls;

namespace Bindwise.Supervising.Calls;

/// <summary>
/// A thread's user, groups and capabilities, for another thread to work with: the kernel's checks are then those that the first would meet.
/// </summary>
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

/// <summary>
/// The rights of the programs under one supervisor, to do their calls with. What a thread cannot take on, as another user namespace,
/// another label of a security module or Landlock, makes it stay out: the supervisor's own rights never count.
/// </summary>
internal sealed class ProgramRights
{
    private static ReadOnlySpan<byte> LabelFile => "attr/current"u8;

    private readonly byte[] _label = ThreadFile.Read(Environment.ProcessId, LabelFile).ToArray();
    private readonly byte[] _status = ThreadFile.Read(Environment.ProcessId, "status"u8).ToArray();
    private readonly NamespaceId? _users = NamespaceId.Of("/proc/self/ns/user\0"u8);
    private readonly NamespaceId? _network = NamespaceId.Of("/proc/self/ns/net\0"u8);
    private volatile bool _isSandboxed;

    /// <summary>
    /// A program under this supervisor restricts itself by Landlock, which nothing shows from outside: from here on the kernel does every
    /// call itself, with the program's own rights.
    /// </summary>
    internal void Sandbox() => _isSandboxed = true;

    /// <summary>
    /// Those of the call's thread, which has them as long as it waits; null where no thread of this process can have them.
    /// </summary>
    internal ThreadRights? Of(WaitingCall call) => Of(call, Read);

    /// <summary>
    /// What decides of the kernel's answer to a thread of another user namespace, as far as it shows from here: its user, and whether it
    /// has the right to low ports, which counts in a network namespace of its own alone. For a question, never for the call itself.
    /// </summary>
    internal ThreadRights? OfAnotherNamespace(WaitingCall call) => Of(call, ReadAcross);

    /// <summary>Below it a bind() may need a right, as far as is known: that decides of an explanation alone.</summary>
    internal static int FirstUnprivilegedPort { get; } =
        Math.Max(HostSettings.DefaultUnprivilegedPortStart, HostSettingsReader.Read(SettingParts.Privilege).FirstUnprivilegedPort);

    /// <summary>The thread's network namespace is the supervisor's.</summary>
    internal bool IsInNetwork(WaitingCall call)
    {
        bool isThere;
        using (call.By.Leave())
            isThere = ProcMountReader.IsOwn && NamespaceOf(call.Thread, "ns/net"u8) is { } network && network == _network;
        return isThere && call.IsStanding;
    }

    /// <summary>The thread's user, groups, capabilities, user and network namespace are the supervisor's.</summary>
    internal bool IsAlike(WaitingCall call)
    {
        bool isAlike;
        using (call.By.Leave())
            isAlike = ProcMountReader.IsOwn && Read(call.Thread) is { IsOwn: true };
        return isAlike && IsInNetwork(call);
    }

    private ThreadRights? Of(WaitingCall call, Func<int, ThreadRights?> read)
    {
        if (!ProcMountReader.IsOwn || _isSandboxed)
            return null;
        var rights = call.Inspect(() => read(call.Thread));
        return call.IsStanding ? rights : null;
    }

    private static NamespaceId? NamespaceOf(int thread, ReadOnlySpan<byte> name)
    {
        Span<byte> room = stackalloc byte[64];
        return NamespaceId.Of(ThreadFile.Path(room, thread, name));
    }

    private ThreadRights? ReadAcross(int thread)
    {
        if (NamespaceOf(thread, "ns/user"u8) is not { } users || users == _users
            || NamespaceOf(thread, "ns/net"u8) is not { } network || !HasOwnLabel(thread)
            || ProcessStatus.Parse(ThreadFile.Read(thread, "status"u8)) is not
            { User: { } user, Group: { } group, Groups: { } groups, EffectiveCapabilities: { } capabilities })
            return null;
        return network != _network && (capabilities >> CapabilityCall.BindService & 1) != 0 ? ThreadRights.Own
            : new ThreadRights(user, 0, new GroupList(group, groups));
    }

    private bool HasOwnLabel(int thread) => _label.Length == 0 || ThreadFile.Read(thread, LabelFile).SequenceEqual(_label);

    private ThreadRights? Read(int thread)
    {
        if (NamespaceOf(thread, "ns/user"u8) is not { } users || users != _users || !HasOwnLabel(thread))
            return null;
        var status = ThreadFile.Read(thread, "status"u8);
        if (IsSame(status, "\nUid:"u8) && IsSame(status, "\nGid:"u8) && IsSame(status, "\nGroups:"u8) && IsSame(status, "\nCapEff:"u8))
            return ThreadRights.Own;
        var parsed = ProcessStatus.Parse(status);
        return parsed is { User: { } user, Group: { } group, Groups: { } groups, EffectiveCapabilities: { } capabilities }
            ? new ThreadRights(user, capabilities, new GroupList(group, groups)) : null;
    }

    private bool IsSame(ReadOnlySpan<byte> status, ReadOnlySpan<byte> name) =>
        ProcessStatus.TryFind(status, name, out var value) && ProcessStatus.TryFind(_status, name, out var own) && value.SequenceEqual(own);
}
