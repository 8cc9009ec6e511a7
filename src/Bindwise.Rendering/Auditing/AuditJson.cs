using Bindwise.Model.Auditing;
using Bindwise.Model.Runtimes;
using Bindwise.Rendering.Sarif;

namespace Bindwise.Rendering.Auditing;

/// <summary>An audit as one line of JSON: docs/schema/audit.schema.json.</summary>
internal static class AuditJson
{
    /// <summary>The name and version of the form.</summary>
    public const string Schema = "bindwise.audit/1";

    /// <summary>Writes it as one line of UTF-8 with its end.</summary>
    public static void Write(IBufferWriter<byte> output, AuditRecord record, ImmutableArray<AuditFinding> findings)
    {
        JsonText.Document(output, Schema, writer =>
        {
            writer.WriteText("summary", AuditText.Summary(record, findings));
            writer.WriteText("command", record.Command);
            writer.WriteText("end", record.End switch
            {
                AuditEnd.ByItself => "by-itself",
                AuditEnd.Interrupted => "interrupted",
                AuditEnd.TimeOver => "time-over",
                _ => "running",
            });
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
        writer.WriteText("severity", AuditText.NameOf(finding.Severity));
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

/// <summary>An audit's findings as SARIF 2.1.0.</summary>
internal static class AuditSarif
{
    /// <summary>Writes it, indented, with the end of its last line.</summary>
    public static void Write(IBufferWriter<byte> output, ImmutableArray<AuditFinding> findings, string version)
    {
        var sentences = AuditRuleBook.All.ToDictionary(static rule => rule.Id.Value, static rule => rule.Sentence);
        SarifLog.Write(output, [.. findings.Select(ResultOf)], rule => sentences[rule], version);
    }

    private static SarifResult ResultOf(AuditFinding finding) =>
        new(finding.Rule.Id.Value, AuditText.NameOf(finding.Severity), $"{finding.Message}. {finding.Advice}")
        {
            Place = finding.Event?.Place is { } place ? new SarifPlace(place.File) { Offset = place.Offset, Function = place.Symbol }
                : null,
        };
}
