using Bindwise.Model.Diagnosing;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>All that the answer stands on, for --verbose: the rule's source, each attempt, each socket with every field, the search's reach and cost.</summary>
internal static class EvidenceRows
{
    public static void Write(Page page, Diagnosis diagnosis)
    {
        if (diagnosis.Rule is { } rule)
            Rule(page, diagnosis, rule);
        if (diagnosis.Factors.Length > 0)
            page.Row("cause", new Paragraph().Add($"{diagnosis.Cause}; also {string.Join(", ", diagnosis.Factors)}"));
        Attempts(page, diagnosis);
        PolicyRows.Write(page, diagnosis);
        var devices = new DeviceNames(diagnosis.Interfaces);
        for (var i = 0; i < diagnosis.Blockers.Length; i++)
            page.Row(i == 0 ? "seen" : "", Describe(diagnosis.Blockers[i], devices), hang: 2);
        Cost(page, diagnosis.Coverage);
    }

    private static void Rule(Page page, Diagnosis diagnosis, Rule rule)
    {
        var isSaid = DiagnosisText.Reasons(diagnosis).Any(reason => reason.Contains(rule.Sentence, StringComparison.Ordinal));
        page.Row("rule", new Paragraph().Add(TextRole.Rule, rule.Id.Value)
            .Add($"  {(isSaid ? "" : rule.Sentence + " ")}Source: {rule.Source}. Page: bindwise explain {rule.Id}"), hang: 2);
    }

    private static void Attempts(Page page, Diagnosis diagnosis)
    {
        for (var i = 0; i < diagnosis.Attempts.Length; i++)
        {
            var attempt = diagnosis.Attempts[i];
            var options = string.Join(" ", attempt.Request.OptionNames);
            var text = new Paragraph().Add($"{AttemptText.Address(attempt)} {(options.Length == 0 ? "without options" : options)}: bind() {Result(attempt.Bind)}");
            if (attempt.Listen is { } listen)
                text.Add($", listen() {Result(listen)}");
            if (attempt.IsAsked)
                text.Add(", as asked");
            if (attempt.Rule is { } rule)
                text.Add("  ").Add(TextRole.Rule, $"[{rule.Id}]");
            page.Row(i == 0 ? "tried" : "", text, hang: 2);
        }
    }

    private static string Result(CallResult call) =>
        $"{call.Result ?? "unknown"} ({(call.IsProbed ? "probed" : call.IsPermitted ? "predicted; the kernel says that no policy refuses it" : "predicted")})";

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

    private static void Cost(Page page, Coverage coverage)
    {
        var text = new Paragraph();
        text.AddFact(coverage.AllStatesRead ? "sockets of every state read" : coverage.ListenersRead ? "only listening sockets read" : "no sockets read");
        if (coverage.SocketsPartial)
            text.AddFact("the socket table changed while it was read: some may be missing");
        if (!coverage.BoundOnlySeen)
            text.AddFact("this kernel does not show sockets that are bound without listening");
        if (coverage.OwnersRead)
            text.AddFact(Invariant($"{coverage.Processes} processes seen")).AddFact(Invariant($"{coverage.UnreadableProcesses} of them unreadable"));
        if (coverage.ProcessesHidden)
            text.AddFact("/proc hides the processes of other users (hidepid)");
        foreach (var timing in coverage.Timings)
            text.AddFact(timing.Stage).Add(Invariant($" {(decimal)timing.Microseconds / 1000:0.000} ms"));
        page.Row("cost", text);
        foreach (var note in coverage.Notes)
            page.Row("", new Paragraph().Add(note), hang: 2);
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
