using Bindwise.Model.Auditing;
using Bindwise.Model.Runtimes;
using Bindwise.Rendering.Sarif;
using static System.FormattableString;

namespace Bindwise.Rendering.Auditing;

/// <summary>An audit as lines of text: the findings, then what happened, in its order.</summary>
internal static class AuditText
{
    private const int MostEvents = 40;
    private const int LongestName = 64;
    private const int LongestPath = 80;

    /// <param name="options">Width, and with <see cref="Detail.Verbose"/> every event; with
    /// <see cref="Detail.Quiet"/> the first line alone.</param>
    public static ImmutableArray<TextLine> Render(AuditRecord record, ImmutableArray<AuditFinding> findings, TextOptions options)
    {
        var page = new Page(options);
        var isBad = findings.Any(static one => one.Severity > AuditSeverity.Note);
        page.Headline(isBad ? TextRole.Blocked : TextRole.Free, Summary(record, findings));
        if (options.Detail == Detail.Quiet)
            return page.Lines;
        foreach (var finding in findings)
            AddFinding(page, finding, record.End == AuditEnd.Running);
        foreach (var unseen in record.Unseen)
            page.Row("limit", new Paragraph().Add(TextRole.Warning, unseen), hang: 2);
        if (record.End != AuditEnd.Running)
            AddEvents(page, record, options.Detail == Detail.Verbose);
        return page.Lines;
    }

    /// <summary>The first line: <c>2 findings (1 warning, 1 note); the program ended with 0 after 1.2 s</c>.</summary>
    public static string Summary(AuditRecord record, ImmutableArray<AuditFinding> findings)
    {
        var counts = new[] { AuditSeverity.Error, AuditSeverity.Warning, AuditSeverity.Note }.Select(
            severity => (severity, Count: findings.Count(one => one.Severity == severity)))
            .Where(static one => one.Count > 0).Select(static one => Count(one.Count, JsonText.Word(one.severity)));
        var found = findings.IsEmpty ? "no findings" : $"{Count(findings.Length, "finding")} ({string.Join(", ", counts)})";
        var after = Invariant($"after {record.Duration.TotalSeconds:0.0} s");
        return record.End switch
        {
            AuditEnd.Running => $"{record.Command}: {found}",
            AuditEnd.ByItself => Invariant($"{found}; the program ended with {record.ExitCode} {after}"),
            AuditEnd.TimeOver => Invariant($"{found}; the time was up, and the program was stopped {after} (exit code {record.ExitCode})"),
            _ => Invariant($"{found}; the audit was interrupted, the program ended with {record.ExitCode} {after}"),
        };
    }

    private static void AddFinding(Page page, AuditFinding finding, bool isRunning)
    {
        var label = finding.Severity switch { AuditSeverity.Error => "error", AuditSeverity.Warning => "warn", _ => "note" };
        var head = new Paragraph().Add(TextRole.Rule, finding.Rule.Id.Value).Add(" ")
            .Add(finding.Severity == AuditSeverity.Note ? TextRole.Text : TextRole.Warning, finding.Message);
        if (finding.Count > 1)
            head.Add(TextRole.Dim, Invariant($" ({finding.Count} times)"));
        page.Row(label, head, hang: 2);
        if (finding.Event is { } happened && !isRunning)
            page.Row("", Where(happened), indent: 2, hang: 2);
        page.Rows("", finding.Evidence.Select(static evidence => new Paragraph().Add(TextRole.Dim, evidence)), indent: 2, hang: 2);
        page.Row("", new Paragraph().Add(finding.Advice).Add(TextRole.Dim,
            $" (bindwise explain {finding.Rule.Id}){(finding.Code is null ? "" : $" In {finding.Language.Label()}:")}"), indent: 2,
            hang: 2);
        if (finding.Code is not { } code)
            return;
        var codeLabel = "code";
        foreach (var line in code.Split('\n'))
        {
            page.Verbatim(codeLabel, TextRole.Command, line);
            codeLabel = "";
        }
    }

    private static Paragraph Where(AuditEvent happened)
    {
        var line = new Paragraph().Add(TextRole.Dim, Invariant($"at {happened.At.TotalSeconds:0.000} s by "))
            .Add(TextRole.Name, happened.Program, LongestName)
            .Add(TextRole.Dim, happened.Thread == happened.Process || happened.Thread == 0 ? Invariant($" (pid {happened.Process})")
                : Invariant($" (pid {happened.Process}, thread {happened.Thread})"));
        if (happened.Place is { } place)
            line.Add(TextRole.Dim, ", from ").Add(TextRole.Name, PlaceOf(place), LongestPath);
        return line;
    }

    private static void AddEvents(Page page, AuditRecord record, bool isWhole)
    {
        // Scripts start many programs, of which few have anything to do with sockets.
        ImmutableArray<AuditEvent> shown = isWhole ? record.Events
            : [.. record.Events.Where(static one => one.Act != AuditAct.Execute || one.Inherits.Length > 0).Take(MostEvents)];
        var processes = shown.Select(static one => one.Process).Distinct().Count();
        page.Rows("event", shown.Select(happened => new Paragraph().Add(TextRole.Dim, Invariant($"{happened.At.TotalSeconds,7:0.000} s  "))
            .Add(TextRole.Dim, processes > 1 ? Invariant($"{happened.Process}  ") : "").Add(What(happened))), hang: 4);
        var left = record.Events.Length - shown.Length + record.EventsCut;
        var more = new List<string>();
        if (left > 0)
            more.Add($"{Count(left, "more event")}"
                + (isWhole || record.Events.Length == shown.Length ? " not kept" : left == 1 ? "; -v shows it" : "; -v shows them"));
        if (record.OtherSockets > 0)
            more.Add(Invariant(
                $"{Count(record.OtherSockets, "other socket")} {(record.OtherSockets == 1 ? "was" : "were")} created, but not bound"));
        page.Rows("", more.Select(static one => new Paragraph().Add(TextRole.Dim, one)), hang: 2);
    }

    private static Paragraph What(AuditEvent happened)
    {
        var line = new Paragraph();
        var socket = KindOf(happened);
        _ = happened.Act switch
        {
            AuditAct.Socket => line.Add(Invariant($"socket() {socket}")),
            AuditAct.Option => line.Add(
                Invariant($"setsockopt() {happened.Option} = {happened.Value}{(happened.Local is { } bound ? $" on {bound}" : "")}")),
            AuditAct.Bind => line.Add(happened.Path is null ? Invariant($"bind() {socket} {happened.Asked}") : "bind() ")
                .Add(TextRole.Name, happened.Path ?? "", LongestPath),
            AuditAct.Listen => line.Add(Invariant($"listen() {happened.Local}, backlog {happened.Backlog}")),
            _ => line.Add("execve() ").Add(TextRole.Name, happened.File ?? "", LongestPath),
        };
        if (happened.Error is { } error)
            line.Add(TextRole.Warning, $": {error}");
        else if (happened is { Act: AuditAct.Bind, Asked.Port: 0, Local: { } local })
            line.Add($": {local}");
        return line;
    }

    private static string KindOf(AuditEvent happened) => happened.Protocol switch
    {
        Protocol.Unix => "unix",
        Protocol.Udp => happened.Family == IpFamily.IPv6 ? "udp6" : "udp",
        _ => happened.Family == IpFamily.IPv6 ? "tcp6" : "tcp",
    };

    // A file's whole path is in the JSON.
    private static string PlaceOf(CodePlace place)
    {
        var file = place.File[(place.File.LastIndexOf('/') + 1)..];
        return place.Symbol is { } symbol ? $"{symbol}() of {file}" : Invariant($"{file}+0x{place.Offset:x}");
    }

    private static string Count(int count, string what) => Invariant($"{count} {what}{(count == 1 ? "" : "s")}");
}

/// <summary>An audit as one line of JSON: docs/schema/audit.schema.json.</summary>
internal static class AuditJson
{
    public const string Schema = "bindwise.audit/1";

    /// <summary>Writes it as one line of UTF-8 with its end.</summary>
    public static void Write(IBufferWriter<byte> output, AuditRecord record, ImmutableArray<AuditFinding> findings)
    {
        JsonText.Document(output, Schema, writer =>
        {
            writer.WriteText("summary", AuditText.Summary(record, findings));
            writer.WriteText("command", record.Command);
            writer.WriteText("end", JsonText.Word(record.End));
            writer.WriteNumber("exitCode", record.ExitCode);
            writer.WriteNumber("seconds", Math.Round(record.Duration.TotalSeconds, 3));
            writer.WriteList("findings", findings, finding => WriteFinding(writer, finding));
            writer.WriteList("events", record.Events, happened => WriteEvent(writer, happened));
            writer.WriteNumber("eventsCut", record.EventsCut);
            writer.WriteNumber("otherSockets", record.OtherSockets);
            writer.WriteTexts("unseen", record.Unseen);
        });
        output.Write("\n"u8);
    }

    private static void WriteFinding(Utf8JsonWriter writer, AuditFinding finding)
    {
        writer.WriteText("rule", finding.Rule.Id.Value);
        writer.WriteText("severity", JsonText.Word(finding.Severity));
        writer.WriteText("message", finding.Message);
        writer.WriteText("advice", finding.Advice);
        writer.WriteText("code", finding.Code);
        writer.WriteText("language", finding.Code is null ? null : finding.Language.Id());
        writer.WriteTexts("evidence", finding.Evidence);
        writer.WriteNumber("count", finding.Count);
        writer.WriteNumber("pid", finding.Event?.Process);
        writer.WriteNumber("thread", finding.Event?.Thread);
        writer.WriteText("program", finding.Event?.Program);
        if (finding.Event is { } happened)
            writer.WriteNumber("at", Math.Round(happened.At.TotalSeconds, 6));
        else
            writer.WriteNull("at");
        WritePlace(writer, finding.Event?.Place);
        writer.WriteText("page", $"docs/rules/{finding.Rule.Id}.md");
    }

    private static void WriteEvent(Utf8JsonWriter writer, AuditEvent happened)
    {
        writer.WriteNumber("at", Math.Round(happened.At.TotalSeconds, 6));
        writer.WriteText("event", happened.Act switch
        {
            AuditAct.Socket => "socket",
            AuditAct.Option => "option-set",
            AuditAct.Bind => "bind",
            AuditAct.Listen => "listen",
            _ => "execute",
        });
        writer.WriteNumber("pid", happened.Process);
        writer.WriteNumber("thread", happened.Thread);
        writer.WriteText("program", happened.Program);
        writer.WriteNumber("cookie", happened.Socket == 0 ? null : happened.Socket);
        writer.WriteText("protocol", happened.Protocol is { } protocol ? DiagnosisJson.Name(protocol) : null);
        writer.WriteText("family", happened.Family switch { IpFamily.IPv4 => "ipv4", IpFamily.IPv6 => "ipv6", _ => null });
        writer.WriteText("asked", happened.Path ?? happened.Asked?.ToString());
        writer.WriteText("local", happened.Local?.ToString());
        writer.WriteText("result", happened.Error ?? (happened.IsOutcomeKnown ? "ok" : null));
        writer.WriteText("option", happened.Option);
        writer.WriteNumber("value", happened.Value);
        writer.WriteNumber("backlog", happened.Backlog);
        writer.WriteText("file", happened.File);
        WritePlace(writer, happened.Place);
    }

    private static void WritePlace(Utf8JsonWriter writer, CodePlace? place) => writer.WriteObject("place", place, place =>
    {
        writer.WriteText("file", place.File);
        writer.WriteNumber("offset", place.Offset);
        writer.WriteText("function", place.Symbol);
    });
}

internal static class AuditSarif
{
    public static void Write(IBufferWriter<byte> output, ImmutableArray<AuditFinding> findings, string version)
    {
        var sentences = AuditRuleBook.All.ToDictionary(static rule => rule.Id.Value, static rule => rule.Sentence);
        SarifLog.Write(output, [.. findings.Select(ResultOf)], rule => sentences[rule], version);
    }

    private static SarifResult ResultOf(AuditFinding finding) =>
        new(finding.Rule.Id.Value, JsonText.Word(finding.Severity), $"{finding.Message}. {finding.Advice}")
        {
            Place = finding.Event?.Place is { } place ? new SarifPlace(place.File) { Offset = place.Offset, Function = place.Symbol }
                : null,
        };
}
