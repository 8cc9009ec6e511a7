using Bindwise.Model.Planning;
using Bindwise.Rendering.Sarif;

namespace Bindwise.Rendering.Planning;

/// <summary>A plan of ports as one line of JSON: docs/schema/plan.schema.json.</summary>
internal static class PlanJson
{
    public const string Schema = "bindwise.plan/1";

    /// <summary>Writes it as one line of UTF-8 with its end.</summary>
    public static void Write(IBufferWriter<byte> output, PortPlan plan, HostSettings settings)
    {
        JsonText.Document(output, Schema, writer =>
        {
            writer.WriteText("verdict", plan.Conflicts.IsEmpty ? "free" : "conflict");
            writer.WriteText("summary", PlanText.Summary(plan));
            writer.WriteList("conflicts", plan.Conflicts, conflict => WriteConflict(writer, conflict));
            writer.WriteBoolean("conflictsCut", plan.IsCut);
            writer.WriteList("remarks", plan.Remarks, remark => WriteRemark(writer, remark));
            writer.WriteList("ports", plan.Ports, port => WritePort(writer, port, settings));
            writer.WriteList("files", plan.Sources, source =>
            {
                writer.WriteText("file", source.File);
                writer.WriteText("format", source.Format);
                writer.WriteNumber("ports", source.Ports);
                writer.WriteText("whyNone", source.WhyNone);
            });
        });
        output.Write("\n"u8);
    }

    private static void WriteConflict(Utf8JsonWriter writer, PlanConflict conflict)
    {
        writer.WriteText("target", conflict.Target);
        writer.WriteText("protocol", DiagnosisJson.Name(conflict.First.Protocol));
        writer.WriteNumber("port", conflict.First.Protocol == Protocol.Unix ? null : conflict.Port);
        writer.WriteNumber("lastPort", conflict.First.Protocol == Protocol.Unix ? null : conflict.LastPort);
        writer.WriteText("rule", conflict.Rule.Id);
        writer.WriteText("ruleText", conflict.Rule.Sentence);
        writer.WriteText("page", conflict.Rule.Page);
        writer.WriteText("profiles", conflict.Profiles);
        writer.WriteNumber("next", conflict.Next?.First);
        writer.WriteNumber("lastNext", conflict.Next?.Last);
        writer.WriteObject("first", conflict.First, side => WriteSide(writer, side, conflict.FirstAddress));
        writer.WriteObject("second", conflict.Second, side => WriteSide(writer, side, conflict.SecondAddress));
        writer.WriteObject("running", conflict.Running, running => WriteRunning(writer, running, conflict.SecondAddress));
    }

    private static void WriteSide(Utf8JsonWriter writer, PlannedPort port, IpAddress address)
    {
        WriteLocation(writer, port.Location);
        writer.WriteText("format", port.Format);
        writer.WriteText("name", port.Name);
        writer.WriteText("text", port.Text);
        writer.WriteText("address", port.Protocol == Protocol.Unix ? null : address.ToString());
    }

    private static void WriteRunning(Utf8JsonWriter writer, ListedPort running, IpAddress address)
    {
        writer.WriteText("address", running.Protocol == Protocol.Unix ? null : address.ToString());
        writer.WriteText("name", running.Name);
        writer.WriteNumber("pid", running.Owners is [var owner, ..] ? owner.Process.Id : null);
        writer.WriteText("container", running.Container);
        writer.WriteText("unit", running.Unit);
        writer.WriteText("projectFolder", running.ProjectFolder);
    }

    private static void WriteRemark(Utf8JsonWriter writer, PlanRemark remark)
    {
        writer.WriteText("id", remark.Id);
        writer.WriteText("level", remark.Level == PlanLevel.Warning ? "warning" : "note");
        writer.WriteText("text", remark.Text);
        writer.WriteText("file", remark.Location?.File);
        writer.WriteNumber("line", remark.Location?.Line);
        writer.WriteNumber("column", remark.Location?.Column);
        writer.WriteText("otherFile", remark.Other?.File);
        writer.WriteNumber("otherLine", remark.Other?.Line);
    }

    private static void WritePort(Utf8JsonWriter writer, PlannedPort port, HostSettings settings)
    {
        var isUnix = port.Protocol == Protocol.Unix;
        writer.WriteText("target", port.Target);
        writer.WriteText("protocol", DiagnosisJson.Name(port.Protocol));
        writer.WriteNumber("port", isUnix ? null : port.FirstPort);
        writer.WriteNumber("lastPort", isUnix ? null : port.LastPort);
        writer.WriteText("path", port.Binds[0].Path);
        writer.WriteTexts("addresses", isUnix ? [] : port.Binds.Select(static bind => bind.Address.ToString()));
        writer.WriteText("format", port.Format);
        writer.WriteText("name", port.Name);
        writer.WriteText("text", port.Text);
        WriteLocation(writer, port.Location);
        writer.WriteText("place", JsonText.Word(port.Place));
        writer.WriteText("certainty", JsonText.Word(port.Certainty));
        writer.WriteTexts("profiles", port.Profiles);
        writer.WriteBoolean("privileged", PortPlanner.IsPrivileged(port, settings));
    }

    private static void WriteLocation(Utf8JsonWriter writer, PlanLocation at)
    {
        writer.WriteText("file", at.File);
        writer.WriteNumber("line", at.Line);
        writer.WriteNumber("column", at.Column);
    }
}

/// <summary>A plan's findings as SARIF 2.1.0 (OASIS), for what shows findings of checks beside the lines that they are about.</summary>
internal static class PlanSarif
{
    public static void Write(IBufferWriter<byte> output, PortPlan plan, string version)
    {
        var findings = Findings(plan);
        var sentences = plan.Conflicts.Select(static one => one.Rule).DistinctBy(static rule => rule.Id)
            .ToDictionary(static rule => rule.Id, static rule => rule.Sentence);
        SarifLog.Write(output, findings, rule => sentences.GetValueOrDefault(rule) ?? DescriptionOf(rule), version);
    }

    private static List<SarifResult> Findings(PortPlan plan)
    {
        var findings = new List<SarifResult>();
        foreach (var conflict in plan.Conflicts)
        {
            var first = conflict.First;
            var profiles = conflict.Profiles is { } names ? $" with profile {names}" : "";
            if (conflict.Second is { } second)
            {
                findings.Add(new SarifResult(conflict.Rule.Id, "error",
                    $"{second.Name} ({second.Text}) cannot have {conflict.Target}{profiles}: {first.Name} ({first.Text}) at "
                        + $"{first.Location} takes it. {conflict.Rule.Sentence}")
                {
                    Place = PlaceOf(second.Location),
                    Other = PlaceOf(first.Location),
                    OtherMessage = $"{first.Name} ({first.Text})",
                });
            }
            else
            {
                findings.Add(new SarifResult(conflict.Rule.Id, "error",
                    $"{first.Name} ({first.Text}) cannot have {conflict.Target}: {conflict.Running?.Name ?? "another process"} has it on "
                        + $"this host. {conflict.Rule.Sentence}")
                { Place = PlaceOf(first.Location) });
            }
        }
        findings.AddRange(plan.Remarks.Select(
            static remark => new SarifResult(remark.Id, remark.Level == PlanLevel.Warning ? "warning" : "note", remark.Text)
            {
                Place = PlaceOf(remark.Location),
                Other = PlaceOf(remark.Other),
                OtherMessage = "the other place",
            }));
        return findings;
    }

    private static SarifPlace? PlaceOf(PlanLocation? at) =>
        at is { } there ? new SarifPlace(there.File) { Line = there.Line, Column = there.Column } : null;

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
        "duplicate-listen" => "One server of nginx has two listen of one address and port.",
        "unknown-key" => "A key that the format does not have.",
        "unset-variable" => "A variable without a value.",
        "node-port-range" => "A nodePort outside of the usual range.",
        "unreadable" => "A file, or the rest of it, could not be read.",
        _ => "Something was not read or not understood.",
    };
}
