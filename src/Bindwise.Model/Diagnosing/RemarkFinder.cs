using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>Warnings and limits, each from its topic.</summary>
internal static class RemarkFinder
{
    /// <summary>The dangers ahead of a bind that works, and traps beside one that does not.</summary>
    public static IEnumerable<Remark> Warnings(DiagnosisContext context)
    {
        IEnumerable<Remark?> found = context.Target.Protocol == Protocol.Unix
            ? [UnixPathTopic.OldServer(context), HolderRemarks.FullQueue(context)] :
        [
            EphemeralPortTopic.InRange(context),
            .. context.Verdict == Verdict.Free
                ? ListenerTopic.Shadows(context).Distinct().Append(SharingOptions.OnlyOneMayListen(context)) : [],
            AddressTopic.AlsoTaken(context),
            PolicyTopic.AskedAfterwards(context),
            .. HolderRemarks.Warnings(context),
            UdpTopic.TakenBeside(context),
            PastedErrors.Warning(context),
            PastedErrors.AssumedPort(context.Target),
            ElsewhereFinder.Remark(context),
            DisagreementReport.Warning(context),
        ];
        return found.OfType<Remark>();
    }

    /// <summary>What could not be seen, and what would show it: said only where it may change the answer.</summary>
    public static IEnumerable<Remark> Limits(DiagnosisContext context)
    {
        IEnumerable<Remark?> found =
        [
            .. context.Plan.Limits,
            .. SubjectAnswer.Limits(context),
            ElsewhereFinder.Limit(context),
            .. HolderRemarks.Unseen(context),
            .. OfTable(context),
            context.Decisive.IsOpenByPolicy ? PolicyTopic.Unknown(context)
                : context.Verdict != Verdict.Undetermined ? null
                : context.Target.Protocol == Protocol.Udp ? UdpTopic.Undetermined(context) : Undetermined(context),
            .. HolderRemarks.NotFound(context),
            .. KernelLimits.Of(context),
            .. PolicyTopic.Limits(context),
            .. HolderRemarks.Incomplete(context),
            .. context.Snapshot.Coverage.Notes.Select(static note => Remark.Of("note", note)),
        ];
        return found.OfType<Remark>();
    }

    public static string MayNotRead(DiagnosisContext context, IReadOnlyList<string> unread) =>
        $"This user may not read: {Wording.List(unread)}." + (context.Snapshot.Caller.UserId == 0 ? "" : " Run with sudo to see it.");

    private static Remark Undetermined(DiagnosisContext context) => new()
    {
        Id = "undetermined",
        Text = context.Snapshot.Coverage.IsPast
            ? $"The record does not have the {NotRecorded(context)}."
            : context.Target.Destination is not null
            ? "The socket table does not show whether bind() or connect() chose a port, "
            + "and only those that connect() chose are shared: a connect() can tell."
            : "The socket table does not show the options of the old socket; "
            + (context.Snapshot.Caller.As?.ProbeObstacle is null ? "a probe (without --no-probe) can tell." : "only a probe can tell."),
    };

    private static string NotRecorded(DiagnosisContext context) => context.Main is not null ? "options of the old socket"
        : context.Target.Protocol == Protocol.Unix ? "files of this host" : "addresses and interfaces of this host";

    private static IEnumerable<Remark> OfTable(DiagnosisContext context)
    {
        var coverage = context.Snapshot.Coverage;
        if (coverage.SocketsPartial)
            yield return Remark.Of("table-partial", "The socket table kept changing while it was read, so sockets may be missing.");
        var onPort = context.Snapshot.Tallies.Sum(static t => (long)t.Count);
        var listed = context.Snapshot.Sockets.Count(s => s.Local.Port == context.Plan.Port);
        if (context.Main is not null && onPort > listed)
            yield return Remark.Of("list-cut",
                $"{Wording.Number(listed)} of {Wording.Number(onPort)} sockets on the port are listed one by one; the counts cover "
                    + "all of them.");
        if (coverage.AllStatesRead && !coverage.BoundOnlySeen && context.Target.Protocol == Protocol.Tcp)
            yield return Remark.Of("bound-only-unseen", "This kernel (before 6.8) does not show sockets that are bound without listening.");
        if (context.Verdict == Verdict.Free && !context.Asked.Any(static j => j.ProbedErrno is not null || j.IsPermitted)
            && context.Target.Protocol != Protocol.Unix && context.Snapshot.Caller.As?.ProbeObstacle is null)
            yield return Remark.Of("not-probed", "No probe confirmed this; it is what the rules say about the socket table.");
    }
}

/// <summary>Where the rules and the kernel differ: said plainly, answered as the kernel, with a scenario to attach to a report.</summary>
internal static class DisagreementReport
{
    /// <summary>The scenario in the .bind language; null when they agree.</summary>
    public static string? Of(DiagnosisContext context)
    {
        if (Differing(context) is not { } differing)
            return null;
        var text = new StringBuilder("# The rules and this kernel (")
            .Append(context.Snapshot.Kernel).Append(") differ here: please report it.\n");
        var index = 0;
        foreach (var socket in context.Snapshot.Sockets)
        {
            index++;
            text.Append(CultureInfo.InvariantCulture, $"s{index} = {WordOf(socket.Protocol)}{Options(socket)} {socket.Local}");
            text.Append(socket.State == TcpSocketState.Listen ? " listen" : "").Append("  # ").Append(Wording.State(socket)).Append('\n');
        }
        text.Append("new = ").Append(WordOf(differing.Request.Protocol)).Append(Options(differing.Request))
            .Append(' ').Append(differing.Request.Endpoint)
            .Append("  -> ").Append(ErrnoNames.Of(differing.ProbedErrno ?? 0))
            .Append("  # the rules say ").Append(differing.Decision.Errno ?? "ok").Append(" by ").Append(differing.Decision.Rule.Id);
        return text.ToString();
    }

    /// <summary>Asks for it; null when they agree.</summary>
    public static Remark? Warning(DiagnosisContext context) => Differing(context) is null ? null
        : Remark.Of("rules-and-kernel-disagree",
            "The rules and this kernel disagree here; the answer is the kernel's. Please report the scenario (--verbose prints it).");

    private static BindAssessment? Differing(DiagnosisContext context) =>
        context.Asked.Concat(context.Others).FirstOrDefault(static j => j.Contradicts);

    private static string WordOf(Protocol protocol) => protocol == Protocol.Udp ? "udp" : "tcp";

    private static string Options(BindRequest request) =>
        (request.ReuseAddress ? " reuseaddr" : "") + (request.ReusePort ? " reuseport" : "") + (request.V6Only == true ? " v6only" : "");

    private static string Options(HeldSocket socket) =>
        (socket.ReuseAddress == Fact.Yes ? " reuseaddr" : "") + (socket.ReusePort == Fact.Yes ? " reuseport" : "")
            + (socket.V6Only == Fact.Yes ? " v6only" : "");
}
