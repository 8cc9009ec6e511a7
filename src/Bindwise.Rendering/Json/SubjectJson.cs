using System.Text.Json;
using Bindwise.Model.Diagnosing.Sentences;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Rendering.Processes;

namespace Bindwise.Rendering.Json;

/// <summary>The <c>as</c> of the JSON form: for whom it was answered; null for the one who asked.</summary>
internal static class SubjectJson
{
    public static void Write(Utf8JsonWriter writer, Subject? program)
    {
        if (program is null)
        {
            writer.WriteNull("as");
            return;
        }
        writer.WriteStartObject("as");
        writer.WriteText("text", SubjectSentences.Of(program));
        writer.WriteText("asked", program.Asked);
        writer.WriteText("user", program.UserName);
        writer.WriteNumber("userId", program.UserId);
        if (program.Process is { } process)
            writer.WriteNumber("pid", process.Id);
        else
            writer.WriteNull("pid");
        writer.WriteText("command", program.Process is { } main ? CommandLineLine.Of(main, CommandLineLine.LimitOfJson) : null);
        writer.WriteText("unit", program.Unit ?? program.Process?.Unit);
        writer.WriteText("container", program.Container ?? program.Process?.Container ?? program.NetworkProcess?.Container);
        writer.WriteNumber("networkNamespace", program.NetworkNamespace);
        writer.WriteText("network", program.NetworkName);
        writer.WriteBoolean("otherNetwork", program.IsOtherNetwork);
        writer.WriteText("capabilities", program.Capabilities is { } set ? set.ToString("x16", System.Globalization.CultureInfo.InvariantCulture) : null);
        writer.WriteText("privilegedPorts", program.MayBindPrivilegedPorts switch
        {
            Fact.Yes => "yes",
            Fact.No => "no",
            _ => "unknown",
        });
        writer.WriteEndObject();
    }
}
