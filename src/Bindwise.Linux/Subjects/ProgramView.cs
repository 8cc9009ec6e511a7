using System.Runtime.Versioning;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Subjects;

/// <summary>
/// Looks at this system with another program's rights: on a thread that has taken on its network namespace, its user, its groups and its
/// capabilities, so that the kernel itself decides what may be seen. What a right in a user namespace of its own would show is not seen.
/// </summary>
/// <remarks>
/// The real and the saved user stay this process's own: by those two the kernel decides who may send a signal, and one to a thread ends its
/// whole process (kill_ok_by_cred(), kernel/signal.c). For the same reason nobody may trace the process meanwhile.
/// </remarks>
[SupportedOSPlatform("linux")]
internal static class ProgramView
{
    /// <param name="thread">A thread of the program that does nothing meanwhile.</param>
    /// <param name="stillStands">It has done nothing since; asked when its rights were read, so that they are no other's.</param>
    /// <param name="inspect">May be called again; threads that it starts itself have the rights, those of the pool do not.</param>
    /// <exception cref="InspectionException">The rights cannot be taken on.</exception>
    internal static T Run<T>(int thread, Func<bool> stillStands, Func<T> inspect) => BoundedRun.Run(
        _ =>
        {
            var answer = default(T)!;
            var hasRun = IsolatedThread.TryRun("as a program", () =>
            {
                TakeOn(thread, stillStands);
                answer = inspect();
            });
            return hasRun ? answer : throw new InspectionException("this process cannot start another thread (ulimit -u)");
        },
        CancellationToken.None);

    /// <summary>Whether the calling thread has the user and the capabilities of its process.</summary>
    internal static bool IsOwn() => CapabilityCall.Effective(out var capabilities) == Errno.None
        && ProcessStatus.Parse(ThreadFile.Read(Environment.ProcessId, "status"u8)) is { User: { } user, EffectiveCapabilities: { } own }
        && user == EffectiveIds.User() && own == capabilities;

    private static void TakeOn(int thread, Func<bool> stillStands)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, thread);
        if (!access.IsAllowed)
            throw new InspectionException($"process {thread} cannot be inspected: it is stuck in the kernel");
        var status = ProcessStatus.Parse(ThreadFile.Read(thread, "status"u8));
        if (status is not { User: { } user, Group: { } group, Groups: { } groups, EffectiveCapabilities: { } capabilities })
            throw new InspectionException($"/proc does not show the rights of process {thread}");
        // Its numbers are not those of this /proc, which shows what its own does not.
        if (!IsShared(thread, "ns/pid"u8, "/proc/thread-self/ns/pid\0"u8))
        {
            throw new InspectionException(
                "the program sees other processes than its supervisor (PID namespace): ask with bindwise why where it runs, or see "
                    + "--report");
        }
        if (!IsShared(thread, "ns/user"u8, "/proc/thread-self/ns/user\0"u8))
            capabilities = 0;
        Span<byte> room = stackalloc byte[64];
        var errno = NamespaceCall.Open(ThreadFile.Path(room, thread, "ns/net"u8), out var network);
        using (network)
        {
            if (!stillStands())
                throw new InspectionException($"process {thread} goes on already");
            if (errno == Errno.None && !IsShared(thread, "ns/net"u8, "/proc/thread-self/ns/net\0"u8))
                errno = NetworkNamespaceCall.Enter(network);
        }
        if (errno != Errno.None)
            throw new InspectionException($"the network namespace of process {thread} cannot be entered: {errno}");
        TakeOn(user, new GroupList(group, groups), capabilities);
    }

    private static void TakeOn(uint user, GroupList groups, ulong capabilities)
    {
        TraceCall.Forbid();
        var errno = EffectiveIds.Groups().AsSpan().SequenceEqual(groups.Others) ? Errno.None : EffectiveIds.SetGroups(groups.Others);
        if (errno == Errno.None)
            errno = EffectiveIds.SetEveryGroup(groups.Effective);
        if (errno == Errno.None && user != EffectiveIds.User())
            errno = EffectiveIds.SetUser(user);
        if (errno == Errno.None)
            errno = CapabilityCall.Keep(capabilities);
        if (errno != Errno.None)
            throw new InspectionException($"acting as user {user} is not possible ({errno})");
        // With sysctl fs.suid_dumpable=1 the change of the user has allowed it again.
        TraceCall.Forbid();
    }

    private static bool IsShared(int thread, ReadOnlySpan<byte> file, ReadOnlySpan<byte> ownNul)
    {
        Span<byte> room = stackalloc byte[64];
        return NamespaceId.Of(ThreadFile.Path(room, thread, file)) is { } there && there == NamespaceId.Of(ownNul);
    }
}
