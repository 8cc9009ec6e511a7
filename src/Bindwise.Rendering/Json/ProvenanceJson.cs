using System.Text.Json;

namespace Bindwise.Rendering.Json;

/// <summary>
/// Where an owner was started, as the object <c>startedFrom</c>: every field is there, null where there is nothing to tell.
/// </summary>
internal static class ProvenanceJson
{
    public static void Write(Utf8JsonWriter writer, ProcessProvenance? told)
    {
        var origin = told ?? new ProcessProvenance();
        writer.WriteStartObject("startedFrom");
        writer.WriteText("unit", origin.Unit);
        if (Begins(writer, "socketUnit", origin.SocketUnit))
        {
            writer.WriteText("name", origin.SocketUnit!.Name);
            writer.WriteText("service", origin.SocketUnit.Service);
            writer.WriteBoolean("user", origin.SocketUnit.IsUsers);
            writer.WriteTexts("others", origin.SocketUnit.Others);
            writer.WriteEndObject();
        }
        if (Begins(writer, "container", origin.Container))
        {
            writer.WriteText("id", origin.Container!.Id);
            writer.WriteText("name", origin.Container.Name);
            writer.WriteText("engine", origin.Container.Engine);
            writer.WriteText("image", origin.Container.Image);
            WriteNumber(writer, "userId", origin.Container.UserId);
            WriteNumber(writer, "port", origin.Container.Port);
            writer.WriteEndObject();
        }
        if (Begins(writer, "compose", origin.Compose))
        {
            writer.WriteText("project", origin.Compose!.Project);
            writer.WriteText("service", origin.Compose.Service);
            writer.WriteEndObject();
        }
        if (Begins(writer, "pod", origin.Pod))
        {
            writer.WriteText("name", origin.Pod!.Name);
            writer.WriteText("namespace", origin.Pod.Namespace);
            writer.WriteText("uid", origin.Pod.Uid);
            writer.WriteEndObject();
        }
        writer.WriteText("terminal", origin.Terminal);
        writer.WriteText("session", origin.Session);
        writer.WriteText("editor", origin.Editor);
        writer.WriteText("tool", origin.Tool?.Command);
        WriteNumber(writer, "toolPid", origin.Tool?.ProcessId);
        writer.WriteText("projectFolder", origin.ProjectFolder);
        writer.WriteText("branch", origin.Branch);
        writer.WriteEndObject();
    }

    private static bool Begins(Utf8JsonWriter writer, string name, object? value)
    {
        if (value is null)
            writer.WriteNull(name);
        else
            writer.WriteStartObject(name);
        return value is not null;
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }
}
