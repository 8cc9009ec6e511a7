using Bindwise.Model.Planning;

namespace Bindwise.Rendering.Planning;

/// <summary>A plan of ports as one line of JSON: docs/schema/plan.schema.json.</summary>
internal static class PlanJson
{
    /// <summary>The name and version of the form.</summary>
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
        writer.WriteText("place", port.Place switch
        {
            PlanPlace.Host => "host",
            PlanPlace.Node => "node",
            PlanPlace.Cluster => "cluster",
        });
        writer.WriteText("certainty", port.Certainty switch
        {
            PlanCertainty.Stated => "stated",
            PlanCertainty.Assumed => "assumed",
            PlanCertainty.Preferred => "preferred",
        });
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
