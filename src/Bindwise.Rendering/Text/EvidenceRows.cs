using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>
/// All that the answer stands on, for --verbose: the rule's source, each attempt, each socket with every field, the search's reach and
/// cost.
/// </summary>
internal static class EvidenceRows
{
    public static void Write(Page page, Diagnosis diagnosis)
    {
        if (diagnosis.Rule is { } rule)
            Rule(page, diagnosis, rule);
        if (diagnosis.Factors.Length > 0)
            page.Row("cause",
                new Paragraph().Add($"{diagnosis.Cause.Id()}; also {string.Join(", ", diagnosis.Factors.Select(static one => one.Id()))}"));
        page.Rows("tried", diagnosis.Attempts.Select(Describe), hang: 2);
        PolicyRows.Write(page, diagnosis);
        var devices = new DeviceNames(diagnosis.Interfaces);
        page.Rows("seen", diagnosis.Blockers.Select(blocker => Describe(blocker, devices)), hang: 2);
        Cost(page, diagnosis.Coverage, diagnosis.Kernel);
    }

    private static void Rule(Page page, Diagnosis diagnosis, Rule rule)
    {
        var isSaid = DiagnosisText.Reasons(diagnosis).Any(reason => reason.Contains(rule.Sentence, StringComparison.Ordinal));
        page.Row("rule", new Paragraph().Add(TextRole.Rule, rule.Id.Value)
            .Add($"  {(isSaid ? "" : rule.Sentence + " ")}Source: {rule.Source}. Page: bindwise explain {rule.Id}"), hang: 2);
    }

    private static Paragraph Describe(Attempt attempt)
    {
        var options = string.Join(" ", attempt.Request.OptionNames);
        var text = new Paragraph().Add(
            $"{AttemptText.Address(attempt)} {(options.Length == 0 ? "without options" : options)}: bind() {Result(attempt.Bind)}");
        if (attempt.Listen is { } listen)
            text.Add($", listen() {Result(listen)}");
        if (attempt.IsAsked)
            text.Add(", as asked");
        return attempt.Rule is { } rule ? text.Add("  ").Add(TextRole.Rule, $"[{rule.Id}]") : text;
    }

    private static string Result(CallResult call) =>
        $"{call.Result ?? "unknown"} ("
            + $"{(call.IsProbed ? "probed" : call.IsPermitted ? "predicted; the kernel says that no policy refuses it" : "predicted")})";

    private static Paragraph Describe(Blocker blocker, DeviceNames devices)
    {
        var socket = blocker.Socket;
        var text = new Paragraph().Add($"{SocketText.State(socket)} {SocketText.Local(socket)}");
        if (SocketText.Remote(socket) is { } remote)
            text.Add(" with " + remote);
        if (socket.SubflowState is { } subflow)
            text.AddFact("TCP subflow in " + TcpStateNames.Of(subflow, socket.Protocol));
        AddNumber(text, "inode", socket.Inode);
        AddNumber(text, "cookie", socket.Cookie);
        AddNumber(text, "cgroup", socket.CgroupId);
        if (socket.UserId is { } user)
            text.AddFact(Invariant($"uid {user}"));
        if (devices.Of(socket.DeviceIndex) is { } device)
            text.AddFact("device " + device);
        AddOptions(text, "on", SocketText.Options(socket, Fact.Yes));
        AddOptions(text, "off", SocketText.Options(socket, Fact.No));
        AddOptions(text, "unknown", SocketText.Options(socket, Fact.Unknown));
        text.AddFact(Invariant($"receive queue {socket.ReceiveQueue}")).AddFact(Invariant($"send queue {socket.SendQueue}"));
        if (socket.MillisecondsLeft is { } left)
            text.AddFact(SocketText.Seconds(left) + " s left");
        if (socket.OpenedHere != Fact.Unknown)
            text.AddFact(socket.OpenedHere == Fact.Yes ? "opened from here" : "accepted here");
        if (blocker.Owners.Length > 0)
            text.AddFact("held by " + PidRanges.Describe(blocker.Owners.Select(owner => owner.Process.Id)));
        return text.Add("  ").Add(TextRole.Rule, $"[{blocker.Rule.Id}]");
    }

    private static void Cost(Page page, Coverage coverage, KernelRelease? kernel)
    {
        var text = new Paragraph();
        text.AddFact(coverage.AllStatesRead ? "sockets of every state read"
            : coverage.ListenersRead ? "only listening sockets read" : "no sockets read");
        if (coverage.SocketsPartial)
            text.AddFact("the socket table changed while it was read: some may be missing");
        if (kernel is { Certainty: not KernelCertainty.Played } release)
            text.AddFact($"rules of Linux {release}: {KernelCertaintyNames.Of(release.Certainty)}");
        if (!coverage.BoundOnlySeen)
            text.AddFact("this kernel does not show sockets that are bound without listening");
        if (coverage.OwnersRead)
            text.AddFact(Wording.Count(coverage.Processes, "process", "processes") + " seen")
                .AddFact(Invariant($"{coverage.UnreadableProcesses} of them unreadable"));
        if (coverage.ProcessesHidden)
            text.AddFact("/proc hides the processes of other users (hidepid)");
        foreach (var timing in coverage.Timings)
            text.AddFact(timing.Stage).Add(Invariant($" {(decimal)timing.Microseconds / 1000:0.000} ms"));
        page.Row("cost", text);
        page.Rows("", coverage.Notes.Select(static note => new Paragraph().Add(note)), hang: 2);
    }

    private static void AddNumber(Paragraph text, string name, ulong value)
    {
        if (value != 0)
            text.AddFact(Invariant($"{name} {value}"));
    }

    private static void AddOptions(Paragraph text, string name, IEnumerable<string> options)
    {
        var list = string.Join(' ', options);
        if (list.Length > 0)
            text.AddFact($"{name}: {list}");
    }
}

internal static class AttemptText
{
    /// <summary>The address without the port, as <c>0.0.0.0</c>, <c>::</c>; the path for UNIX.</summary>
    public static string Address(Attempt attempt) => attempt.Request.Protocol == Protocol.Unix
        ? attempt.Request.Path ?? ""
        : attempt.Request.Address + (attempt.Request.Scope is { } scope ? "%" + scope : "");

    /// <summary><c>ok</c>, <c>EADDRINUSE</c>, <c>EADDRINUSE at listen()</c>, or that it is unknown.</summary>
    public static string Outcome(Attempt attempt) => attempt switch
    {
        { Bind.Result: null } => "unknown",
        { Bind.Result: not "ok" } => attempt.Bind.Result,
        { Listen: { Result: null } } => "bind() ok, listen() unknown",
        { Listen: { Result: not "ok" } listen } => listen.Result + " at listen()",
        _ => "ok",
    };
}

/// <summary>The sockets in the way, for --verbose: grouped by state and local end, with some of the remote ends.</summary>
internal static class HeldRows
{
    private const int Samples = 3;

    public static void Write(Page page, Diagnosis diagnosis)
    {
        var groups = diagnosis.Blockers.Select(blocker => blocker.Socket)
            .GroupBy(socket => (State: SocketText.State(socket), Local: SocketText.Local(socket), socket.DeviceIndex));
        var devices = new DeviceNames(diagnosis.Interfaces);
        page.Rows("held", groups.Select(group =>
            Describe(diagnosis, group.Key.State, group.Key.Local, devices.Of(group.Key.DeviceIndex), [.. group])), hang: 2);
    }

    // The diagnosis lists a bounded number of sockets; the tallies count them all.
    internal static int Count(Diagnosis diagnosis, List<HeldSocket> alike)
    {
        var kinds = alike.Where(socket => socket.Protocol == Protocol.Tcp)
            .Select(socket => (socket.State, socket.Family, socket.Local.Address, socket.DeviceIndex)).ToHashSet();
        var tallied = diagnosis.Tallies.Where(tally => kinds.Contains((tally.State, tally.Family, tally.Local, tally.DeviceIndex)))
            .Sum(tally => (long)tally.Count);
        return (int)Math.Clamp(tallied, alike.Count, int.MaxValue);
    }

    private static Paragraph Describe(Diagnosis diagnosis, string state, string local, string? device, List<HeldSocket> sockets)
    {
        var count = Count(diagnosis, sockets);
        var text = new Paragraph().Add(Invariant($"{count} {state} ")).Add(TextRole.Text, local, limit: 200);
        if (device is not null)
            text.Add(" on interface " + device + " only");
        var remotes = sockets.Select(SocketText.Remote).OfType<string>().ToList();
        if (remotes.Count > 0)
        {
            text.Add(" with " + string.Join(", ", remotes.Take(Samples)));
            if (count > Samples)
                text.Add(Invariant($" and {count - Samples} more"));
        }
        if (sockets.TrueForAll(static socket => socket.IsMultipath == Fact.Yes))
            text.Add(sockets.TrueForAll(static socket => socket.SubflowState is not null)
                ? Invariant($" (MPTCP; TCP subflow in {TcpStateNames.Of(sockets[0].SubflowState!.Value, Protocol.Tcp)})") : " (MPTCP)");
        if (sockets is [{ State: TcpSocketState.Listen, ReceiveQueue: > 0 } listener])
            text.Add(Invariant($"; {listener.ReceiveQueue} of {listener.SendQueue} connections ")
                + $"{(listener.ReceiveQueue == 1 ? "waits" : "wait")} for accept()");
        return text;
    }
}

/// <summary>
/// Who has the other ends of the connections in the way, for --verbose, as far as they are on this host: one row a process.
/// </summary>
internal static class PeerRows
{
    public static void Write(Page page, Diagnosis diagnosis)
    {
        var line = new ProcessLine(diagnosis);
        // A connection of a server with itself is told already.
        var owners = diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id).ToHashSet();
        var peers = diagnosis.Blockers.SelectMany(static blocker => blocker.Peer?.Owners ?? [])
            .Where(owner => !owners.Contains(owner.Process.Id)).DistinctBy(static owner => owner.Process.Id);
        page.Rows("peer", peers.Select(peer => line.Full(peer, ownerCount: 1)), hang: 2);
    }
}

/// <summary>
/// The sockets that the system lists on the port, for --verbose, where only .NET itself was asked: which of them is in the way is not
/// known.
/// </summary>
internal static class SeenRows
{
    private const int Samples = 3;

    public static void Write(Page page, Diagnosis diagnosis)
    {
        if (diagnosis.Portable is { } record)
            page.Rows("seen", record.Seen.GroupBy(static s => (s.Protocol, s.State, s.Local)).Select(static group => Describe([.. group])),
                hang: 2);
    }

    private static Paragraph Describe(List<SeenSocket> alike)
    {
        var one = alike[0];
        var text = new Paragraph().Add(Invariant($"{alike.Count} {TcpStateNames.Of(one.State, one.Protocol)} "))
            .Add(TextRole.Text, one.Local.ToString(), limit: 200);
        var remotes = alike.Where(static s => s.Remote.Port != 0).Select(static s => s.Remote.ToString()).ToList();
        if (remotes.Count > 0)
            text.Add(" with " + string.Join(", ", remotes.Take(Samples))
                + (remotes.Count > Samples ? Invariant($" and {remotes.Count - Samples} more") : ""));
        return text;
    }
}

/// <summary>The policies that refuse the bind(), or may, for --verbose: the sentences above name them already.</summary>
internal static class PolicyRows
{
    public static void Write(Page page, Diagnosis diagnosis) => page.Rows("guard", diagnosis.Policies.Select(Describe), hang: 2);

    private static Paragraph Describe(Policy policy)
    {
        var text = new Paragraph().Add(PolicyKinds.Name(policy.Kind));
        if (policy.Name.Length > 0)
            text.Add(" ").Add(TextRole.Name, policy.Name);
        if (policy.Where is { } where)
            text.AddFact("on ").Add(TextRole.Text, where);
        if (policy.Detail is { } detail)
            text.AddFact(detail);
        return text.AddFact(policy.IsCertain ? "this one" : "possible");
    }
}
