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
        using (var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("schema", Schema);
            writer.WriteText("verdict", plan.Conflicts.IsEmpty ? "free" : "conflict");
            writer.WriteText("summary", PlanText.Summary(plan));
            writer.WriteStartArray("conflicts");
            foreach (var conflict in plan.Conflicts)
                WriteConflict(writer, conflict);
            writer.WriteEndArray();
            writer.WriteBoolean("conflictsCut", plan.IsCut);
            writer.WriteStartArray("remarks");
            foreach (var remark in plan.Remarks)
                WriteRemark(writer, remark);
            writer.WriteEndArray();
            writer.WriteStartArray("ports");
            foreach (var port in plan.Ports)
                WritePort(writer, port, settings);
            writer.WriteEndArray();
            writer.WriteStartArray("files");
            foreach (var source in plan.Sources)
            {
                writer.WriteStartObject();
                writer.WriteText("file", source.File);
                writer.WriteText("format", source.Format);
                writer.WriteNumber("ports", source.Ports);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    private static void WriteConflict(Utf8JsonWriter writer, PlanConflict conflict)
    {
        writer.WriteStartObject();
        writer.WriteText("target", conflict.Target);
        writer.WriteText("protocol", DiagnosisJson.Name(conflict.First.Protocol));
        WriteNumber(writer, "port", conflict.First.Protocol == Protocol.Unix ? null : conflict.Port);
        WriteNumber(writer, "lastPort", conflict.First.Protocol == Protocol.Unix ? null : conflict.LastPort);
        writer.WriteText("rule", conflict.Rule.Id);
        writer.WriteText("ruleText", conflict.Rule.Sentence);
        writer.WriteText("page", conflict.Rule.Page);
        writer.WriteText("profiles", conflict.Profiles);
        WriteNumber(writer, "next", conflict.Next);
        writer.WritePropertyName("first");
        WriteSide(writer, conflict.First, conflict.FirstAddress);
        writer.WritePropertyName("second");
        if (conflict.Second is { } second)
            WriteSide(writer, second, conflict.SecondAddress);
        else
            writer.WriteNullValue();
        writer.WritePropertyName("running");
        if (conflict.Running is { } running)
            WriteRunning(writer, running, conflict.SecondAddress);
        else
            writer.WriteNullValue();
        writer.WriteEndObject();
    }

    private static void WriteSide(Utf8JsonWriter writer, PlannedPort port, IpAddress address)
    {
        writer.WriteStartObject();
        WriteLocation(writer, port.Location);
        writer.WriteText("format", port.Format);
        writer.WriteText("name", port.Name);
        writer.WriteText("text", port.Text);
        writer.WriteText("address", port.Protocol == Protocol.Unix ? null : address.ToString());
        writer.WriteEndObject();
    }

    private static void WriteRunning(Utf8JsonWriter writer, ListedPort running, IpAddress address)
    {
        writer.WriteStartObject();
        writer.WriteText("address", address.ToString());
        writer.WriteText("name", running.Name);
        WriteNumber(writer, "pid", running.Owners is [var owner, ..] ? owner.Process.Id : null);
        writer.WriteText("container", running.Container);
        writer.WriteText("unit", running.Unit);
        writer.WriteText("projectFolder", running.ProjectFolder);
        writer.WriteEndObject();
    }

    private static void WriteRemark(Utf8JsonWriter writer, PlanRemark remark)
    {
        writer.WriteStartObject();
        writer.WriteText("id", remark.Id);
        writer.WriteText("level", remark.Level == PlanLevel.Warning ? "warning" : "note");
        writer.WriteText("text", remark.Text);
        writer.WriteText("file", remark.Location?.File);
        WriteNumber(writer, "line", remark.Location?.Line);
        WriteNumber(writer, "column", remark.Location?.Column);
        writer.WriteText("otherFile", remark.Other?.File);
        WriteNumber(writer, "otherLine", remark.Other?.Line);
        writer.WriteEndObject();
    }

    private static void WritePort(Utf8JsonWriter writer, PlannedPort port, HostSettings settings)
    {
        var isUnix = port.Protocol == Protocol.Unix;
        writer.WriteStartObject();
        writer.WriteText("target", port.Target);
        writer.WriteText("protocol", DiagnosisJson.Name(port.Protocol));
        WriteNumber(writer, "port", isUnix ? null : port.FirstPort);
        WriteNumber(writer, "lastPort", isUnix ? null : port.LastPort);
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
        writer.WriteEndObject();
    }

    private static void WriteLocation(Utf8JsonWriter writer, PlanLocation at)
    {
        writer.WriteText("file", at.File);
        writer.WriteNumber("line", at.Line);
        writer.WriteNumber("column", at.Column);
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, int? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }
}
