namespace Bindwise.Model.Diagnosing.Topics.KernelSockets;

/// <summary>A socket that the kernel opened itself, for a tunnel, a file system or a cluster (<see cref="KernelOwners"/>).</summary>
internal sealed class KernelSocketTopic : Topic
{
    public override string? Explanation(DiagnosisContext context) =>
        "The kernel opened this socket itself, so there is no process to stop; it closes together with what the kernel opened it for.";

    public override IEnumerable<Remedy> Remedies(DiagnosisContext context) =>
        context.Main?.Kernel is { } kernel ? KernelRemedies.Of(context, kernel) : [];
}

/// <summary>What remains possible when the kernel's own services were looked through and none of them explains the socket.</summary>
internal static class KernelLimits
{
    public static IEnumerable<Remark> Of(DiagnosisContext context)
    {
        // Where the socket itself was asked, it is known whose it is.
        if (context.Snapshot.KernelSurvey is not { } survey || Unexplained(context) is not { } blocker || IsOfProgram(context))
            yield break;
        // Behind processes that cannot be looked into the holder is most likely one of them.
        if (context.Snapshot is
            {
                DescriptorsInFlight.IsEmpty: true,
                Coverage: { UnreadableProcesses: 0, ProcessesHidden: false, StuckProcesses.IsEmpty: true }
            })
            yield return new Remark
            {
                Id = "kernel-service-not-found",
                Text = $"No kernel service configured here explains it. What remains: "
                    + $"{Wording.List([.. Remaining(survey, blocker.Socket)])}.",
            };
        if (!survey.Unread.IsEmpty)
            yield return new Remark
            {
                Id = "kernel-services-unread",
                Text = LimitFinder.MayNotRead(context, survey.Unread),
            };
    }

    /// <summary>A socket that nothing explains was opened by a program, by its own record.</summary>
    public static bool IsOfProgram(DiagnosisContext context) => Unexplained(context) is { } blocker
        && context.Snapshot.KernelSurvey?.Sockets.FirstOrDefault(r => r.Cookie == blocker.Socket.Cookie)
            is { OpenedByKernel: Fact.No, Handler: null } or { Handler: "subflow_data_ready" };

    private static Blocker? Unexplained(DiagnosisContext context) => context.Blockers.FirstOrDefault(static b => IsUnexplained(b));

    private static bool IsUnexplained(Blocker blocker) =>
        blocker is { Owners.IsEmpty: true, Kernel: null, Socket: { Inode: not 0, Protocol: not Protocol.Unix } };

    private static IEnumerable<string> Remaining(KernelSurvey survey, HeldSocket socket)
    {
        if (socket.Protocol == Protocol.Udp)
        {
            yield return "a tunnel's interface (WireGuard, VXLAN, GENEVE) that was created in this network namespace and moved to another; "
                + "its socket stayed here";
        }
        else
        {
            if (socket.State == TcpSocketState.Listen)
                yield return "the NFS lock manager or callback service on a port that the kernel chose (see rpcinfo -p)";
            yield return "the TCP socket beneath an SMC socket (smcss -a)";
        }
        if (survey.IsFirstNamespace != true)
            yield return "a kernel service that was set up from another network namespace";
        yield return "a process in another PID namespace";
    }
}
