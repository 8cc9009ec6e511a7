using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Planning;
using Bindwise.Rendering.Json;
using static System.FormattableString;

namespace Bindwise.Rendering.Planning;

/// <summary>A plan's findings as SARIF 2.1.0 (OASIS), for what shows findings of checks beside the lines that they are about.</summary>
public static class PlanSarif
{
    private const string SchemaAddress = "https://json.schemastore.org/sarif-2.1.0.json";

    private sealed record Finding(string Rule, string Level, string Message, PlanLocation? Location, PlanLocation? Other, string OtherMessage);

    /// <summary>Writes it, indented, with the end of its last line.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="version">The program's version.</param>
    public static void Write(IBufferWriter<byte> output, PortPlan plan, string version)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(plan);
        var findings = Findings(plan);
        var rules = findings.Select(static one => one.Rule).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        var sentences = plan.Conflicts.Select(static one => one.Rule).DistinctBy(static rule => rule.Id).ToDictionary(static rule => rule.Id, static rule => rule.Sentence);
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", SchemaAddress);
            writer.WriteString("version", "2.1.0");
            writer.WriteStartArray("runs");
            writer.WriteStartObject();
            writer.WriteStartObject("tool");
            writer.WriteStartObject("driver");
            writer.WriteString("name", "bindwise");
            writer.WriteText("version", version);
            writer.WriteStartArray("rules");
            foreach (var rule in rules)
            {
                writer.WriteStartObject();
                writer.WriteText("id", rule);
                writer.WriteStartObject("shortDescription");
                writer.WriteText("text", sentences.GetValueOrDefault(rule) ?? DescriptionOf(rule));
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteString("columnKind", "utf16CodeUnits");
            writer.WriteStartArray("results");
            foreach (var finding in findings)
                WriteResult(writer, finding, rules.IndexOf(finding.Rule));
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    private static List<Finding> Findings(PortPlan plan)
    {
        var findings = new List<Finding>();
        foreach (var conflict in plan.Conflicts)
        {
            var first = conflict.First;
            var profiles = conflict.Profiles is { } names ? $" with profile {names}" : "";
            if (conflict.Second is { } second)
            {
                findings.Add(new Finding(conflict.Rule.Id, "error", $"{second.Name} ({second.Text}) cannot have {conflict.Target}{profiles}: {first.Name} ({first.Text}) at {first.Location} takes it. {conflict.Rule.Sentence}",
                    second.Location, first.Location, $"{first.Name} ({first.Text})"));
            }
            else
            {
                var who = conflict.Running?.Name ?? "another process";
                findings.Add(new Finding(conflict.Rule.Id, "error", $"{first.Name} ({first.Text}) cannot have {conflict.Target}: {who} has it on this host. {conflict.Rule.Sentence}", first.Location, null, ""));
            }
        }
        findings.AddRange(plan.Remarks.Select(static remark => new Finding(remark.Id, remark.Level == PlanLevel.Warning ? "warning" : "note", remark.Text, remark.Location, remark.Other, "the other place")));
        return findings;
    }

    private static void WriteResult(Utf8JsonWriter writer, Finding finding, int rule)
    {
        writer.WriteStartObject();
        writer.WriteText("ruleId", finding.Rule);
        writer.WriteNumber("ruleIndex", rule);
        writer.WriteString("level", finding.Level);
        writer.WriteStartObject("message");
        writer.WriteText("text", finding.Message);
        writer.WriteEndObject();
        writer.WriteStartArray("locations");
        if (finding.Location is { } at)
            WriteLocation(writer, at, null, null);
        writer.WriteEndArray();
        if (finding.Other is { } other)
        {
            writer.WriteStartArray("relatedLocations");
            WriteLocation(writer, other, 1, finding.OtherMessage);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteLocation(Utf8JsonWriter writer, PlanLocation at, int? id, string? message)
    {
        writer.WriteStartObject();
        if (id is { } number)
            writer.WriteNumber("id", number);
        writer.WriteStartObject("physicalLocation");
        writer.WriteStartObject("artifactLocation");
        writer.WriteString("uri", UriOf(at.File));
        writer.WriteEndObject();
        writer.WriteStartObject("region");
        writer.WriteNumber("startLine", at.Line);
        writer.WriteNumber("startColumn", at.Column);
        writer.WriteEndObject();
        writer.WriteEndObject();
        if (message is not null)
        {
            writer.WriteStartObject("message");
            writer.WriteText("text", message);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    /// <summary>A path as a relative URI reference (RFC 3986), an absolute one as a file URI. Whatever is not plain is percent-encoded.</summary>
    private static string UriOf(string path)
    {
        var text = new StringBuilder(path.StartsWith('/') ? "file://" : "");
        foreach (var value in Encoding.UTF8.GetBytes(path))
        {
            if (char.IsAsciiLetterOrDigit((char)value) || (char)value is '/' or '.' or '-' or '_' or '~')
                text.Append((char)value);
            else
                text.Append(Invariant($"%{value:X2}"));
        }
        return text.ToString();
    }

    private static string DescriptionOf(string remark) => remark switch
    {
        "in-ephemeral-range" => "The port is in the ephemeral range: a connection may take it first.",
        _ when remark == Cause.PrivilegedPort.Id() => "The port needs CAP_NET_BIND_SERVICE.",
        "browser-blocked" => "Browsers refuse to connect to the port.",
        "shared" => "Two programs share the port by a socket option.",
        "profiles-together" => "Two profiles collide if they are enabled together.",
        "likely-conflict" => "Two programs collide if one is given the port that is usual.",
        "other-port" => "A program finds its port taken and uses another one.",
        "replicas" => "More replicas than host ports.",
        "unknown-key" => "A key that the format does not have.",
        "unset-variable" => "A variable without a value.",
        "node-port-range" => "A nodePort outside of the usual range.",
        "unreadable" => "A file, or the rest of it, could not be read.",
        _ => "Something was not read or not understood.",
    };
}
