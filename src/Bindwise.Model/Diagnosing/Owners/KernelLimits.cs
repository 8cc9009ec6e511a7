using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>What remains possible when the kernel's own services were looked through and none of them explains the socket.</summary>
internal static class KernelLimits
{
    public static IEnumerable<Remark> Of(DiagnosisContext f)
    {
        // Where the socket itself was asked, it is known whose it is.
        if (f.Snapshot.KernelSurvey is not { } survey || Unexplained(f) is not { } blocker || IsOfProgram(f))
            yield break;
        // Behind processes that cannot be looked into the holder is most likely one of them.
        if (f.Snapshot is { DescriptorsInFlight.IsEmpty: true, Coverage: { UnreadableProcesses: 0, ProcessesHidden: false, StuckProcesses.IsEmpty: true } })
            yield return new Remark("kernel-service-not-found", $"No kernel service configured here explains it. What remains: {Wording.List([.. Remaining(survey, blocker.Socket)])}.");
        if (!survey.Unread.IsEmpty)
            yield return new Remark("kernel-services-unread", $"This user may not read: {Wording.List(survey.Unread)}.{(f.Snapshot.Caller.UserId == 0 ? "" : " Run with sudo to see it.")}");
    }

    /// <summary>A socket that nothing explains was opened by a program, by its own record.</summary>
    public static bool IsOfProgram(DiagnosisContext f) => Unexplained(f) is { } blocker
        && f.Snapshot.KernelSurvey?.Sockets.FirstOrDefault(r => r.Cookie == blocker.Socket.Cookie) is { OpenedByKernel: Fact.No, Handler: null } or { Handler: "subflow_data_ready" };

    private static Blocker? Unexplained(DiagnosisContext f) => f.Blockers.FirstOrDefault(static b => IsUnexplained(b));

    private static bool IsUnexplained(Blocker blocker) => blocker is { Owners.IsEmpty: true, Kernel: null, Socket: { Inode: not 0, Protocol: not Protocol.Unix } };

    private static IEnumerable<string> Remaining(KernelSurvey survey, HeldSocket socket)
    {
        if (socket.Protocol == Protocol.Udp)
        {
            yield return "a tunnel's interface (WireGuard, VXLAN, GENEVE) that was created in this network namespace and moved to another; its socket stayed here";
        }
        else
        {
            if (socket.State == TcpState.Listen)
                yield return "the NFS lock manager or callback service on a port that the kernel chose (see rpcinfo -p)";
            yield return "the TCP socket beneath an SMC socket (smcss -a)";
        }
        if (survey.IsFirstNamespace != true)
            yield return "a kernel service that was set up from another network namespace";
        yield return "a process in another PID namespace";
    }
}
