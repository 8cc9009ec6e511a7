using Bindwise.Rendering.Processes;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>The <c>blockers</c> of the JSON form: each socket in the way, with its owners and their parents.</summary>
internal sealed class BlockerJson(Utf8JsonWriter writer, Moments moments, ProcessAncestry parents, DeviceNames devices)
{
    public void Write(ImmutableArray<Blocker> blockers)
    {
        writer.WriteStartArray("blockers");
        foreach (var blocker in blockers)
            WriteBlocker(blocker);
        writer.WriteEndArray();
    }

    private void WriteBlocker(Blocker blocker)
    {
        var socket = blocker.Socket;
        writer.WriteStartObject();
        writer.WriteText("protocol", DiagnosisJson.Name(socket.Protocol));
        writer.WriteText("state", SocketText.State(socket));
        writer.WriteText("local", SocketText.Local(socket));
        writer.WriteText("remote", SocketText.Remote(socket));
        WriteNumber("secondsLeft", socket.MillisecondsLeft / 1000m);
        writer.WriteNumber("inode", socket.Inode);
        writer.WriteNumber("cookie", socket.Cookie);
        WriteNumber("userId", socket.UserId);
        writer.WriteText("device", devices.Of(socket.DeviceIndex));
        writer.WriteTexts("options", SocketText.Options(socket, Fact.Yes));
        writer.WriteTexts("unknownOptions", SocketText.Options(socket, Fact.Unknown));
        writer.WriteNumber("receiveQueue", socket.ReceiveQueue);
        writer.WriteNumber("sendQueue", socket.SendQueue);
        HoldingJson.WriteMultipath(writer, socket);
        writer.WriteText("rule", blocker.Rule.Id.Value);
        KernelOwnerJson.Write(writer, blocker.Kernel);
        WriteOwners(blocker.Owners);
        WritePeer(blocker.Peer);
        HoldingJson.WriteFlight(writer, blocker);
        HoldingJson.WriteHint(writer, blocker);
        writer.WriteEndObject();
    }

    /// <summary>The processes that hold a socket, as the property <c>owners</c>.</summary>
    public void WriteOwners(ImmutableArray<Owner> owners)
    {
        writer.WriteStartArray("owners");
        foreach (var owner in owners)
            WriteOwner(owner);
        writer.WriteEndArray();
    }

    private void WritePeer(Peer? peer)
    {
        if (peer is null)
        {
            writer.WriteNull("peer");
            return;
        }
        writer.WriteStartObject("peer");
        writer.WriteText("state", SocketText.State(peer.Socket));
        writer.WriteText("local", SocketText.Local(peer.Socket));
        writer.WriteNumber("inode", peer.Socket.Inode);
        WriteOwners(peer.Owners);
        writer.WriteEndObject();
    }

    private void WriteOwner(Owner owner)
    {
        var process = owner.Process;
        writer.WriteStartObject();
        writer.WriteNumber("pid", process.Id);
        WriteNumber("namespacePid", process.NamespacePid);
        writer.WriteText("command", ShownCommandLine.Of(process, ShownCommandLine.LimitOfJson));
        writer.WriteText("executable", process.Executable);
        writer.WriteBoolean("executableDeleted", process.ExecutableDeleted);
        writer.WriteText("user", process.UserName);
        WriteNumber("userId", process.UserId);
        writer.WriteText("unit", process.Unit);
        writer.WriteText("container", process.Container);
        writer.WriteText("role", Name(owner.Role));
        writer.WriteTexts("holds", owner.Ways.Select(HoldingWays.Name));
        writer.WriteText("startedAt", process.StartedAt is { } started ? moments.Iso(started) : null);
        writer.WriteText("workingDirectory", process.WorkingDirectory);
        writer.WriteText("state", ProcessStates.Name(process));
        WriteParents(process);
        ProvenanceJson.Write(writer, owner.StartedFrom);
        writer.WriteEndObject();
    }

    private void WriteParents(ProcessRecord process)
    {
        writer.WriteStartArray("parents");
        foreach (var parent in parents.Of(process))
        {
            writer.WriteStartObject();
            writer.WriteNumber("pid", parent.Id);
            writer.WriteText("name", parent.Name);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private void WriteNumber(string name, decimal? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }

    private static string Name(OwnerRole role) => role switch
    {
        OwnerRole.Creator => "creator",
        OwnerRole.Inherited => "inherited",
        OwnerRole.Receiver => "receiver",
        OwnerRole.Candidate => "candidate",
        OwnerRole.Keeper => "keeper",
        _ => "holder",
    };
}

/// <summary>What the JSON form says of a socket whose holder is not plain to see.</summary>
internal static class HoldingJson
{
    /// <summary>
    /// <c>multipath</c>: whether it belongs to an MPTCP socket; <c>subflowState</c>: the TCP subflow's own state, where it is another.
    /// </summary>
    public static void WriteMultipath(Utf8JsonWriter writer, HeldSocket socket)
    {
        if (socket.IsMultipath == Fact.Unknown)
            writer.WriteNull("multipath");
        else
            writer.WriteBoolean("multipath", socket.IsMultipath == Fact.Yes);
        writer.WriteText("subflowState", socket.SubflowState is { } state ? TcpStateNames.Of(state, socket.Protocol) : null);
    }

    /// <summary><c>inFlight</c>: the UNIX socket in whose queue it waits.</summary>
    public static void WriteFlight(Utf8JsonWriter writer, Blocker blocker)
    {
        if (blocker.Flights.IsEmpty)
        {
            writer.WriteNull("inFlight");
            return;
        }
        var inFlight = blocker.Flights[0];
        writer.WriteStartObject("inFlight");
        writer.WriteNumber("inode", inFlight.Inode);
        writer.WriteBoolean("accepted", !inFlight.IsUnaccepted);
        writer.WriteStartArray("receivers");
        foreach (var receiver in blocker.Flights.Select(static f => f.ProcessId).Where(static id => id != 0).Distinct().Order())
            writer.WriteNumberValue(receiver);
        writer.WriteEndArray();
        writer.WriteStartArray("senders");
        foreach (var sender in inFlight.Senders)
            writer.WriteNumberValue(sender);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary><c>hint</c>: who may have made a socket without a visible owner.</summary>
    public static void WriteHint(Utf8JsonWriter writer, Blocker blocker)
    {
        if (blocker.Hint is not { } hint)
        {
            writer.WriteNull("hint");
            return;
        }
        writer.WriteStartObject("hint");
        writer.WriteText("user", hint.UserName);
        writer.WriteText("cgroup", hint.Cgroup);
        writer.WriteText("unit", hint.Unit);
        writer.WriteText("container", hint.Container);
        writer.WriteEndObject();
    }
}

/// <summary>The <c>kernelService</c> of a blocker: what in the kernel holds the socket, or null.</summary>
internal static class KernelOwnerJson
{
    public static void Write(Utf8JsonWriter writer, KernelOwner? owner)
    {
        if (owner is null)
        {
            writer.WriteNull("kernelService");
            return;
        }
        writer.WriteStartObject("kernelService");
        writer.WriteText("kind", KernelKinds.Name(owner.Kind));
        writer.WriteTexts("names", owner.Names);
        writer.WriteText("label", owner.Label);
        writer.WriteText("source", owner.Source);
        writer.WriteText("handler", owner.Handler);
        writer.WriteEndObject();
    }
}

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
