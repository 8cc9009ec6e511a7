using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Processes;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>The <c>blockers</c> of the JSON form: each socket in the way, with its owners and their parents.</summary>
internal sealed class BlockerJson(Utf8JsonWriter writer, Moments moments, ProcessAncestry parents, DeviceNames devices)
{
    public void Write(ImmutableArray<Blocker> blockers) => writer.WriteList("blockers", blockers, WriteBlocker);

    private void WriteBlocker(Blocker blocker)
    {
        var socket = blocker.Socket;
        writer.WriteText("protocol", DiagnosisJson.Name(socket.Protocol));
        writer.WriteText("state", SocketText.State(socket));
        writer.WriteText("local", SocketText.Local(socket));
        writer.WriteText("remote", SocketText.Remote(socket));
        writer.WriteNumber("secondsLeft", socket.MillisecondsLeft / 1000m);
        writer.WriteNumber("inode", socket.Inode);
        writer.WriteNumber("cookie", socket.Cookie);
        writer.WriteNumber("userId", socket.UserId);
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
    }

    public void WriteOwners(ImmutableArray<Owner> owners) => writer.WriteList("owners", owners, WriteOwner);

    private void WritePeer(Peer? peer) => writer.WriteObject("peer", peer, peer =>
    {
        writer.WriteText("state", SocketText.State(peer.Socket));
        writer.WriteText("local", SocketText.Local(peer.Socket));
        writer.WriteNumber("inode", peer.Socket.Inode);
        WriteOwners(peer.Owners);
    });

    private void WriteOwner(Owner owner)
    {
        var process = owner.Process;
        writer.WriteNumber("pid", process.Id);
        writer.WriteNumber("namespacePid", process.NamespacePid);
        writer.WriteText("command", ShownCommandLine.Of(process, ShownCommandLine.LimitOfJson));
        writer.WriteText("executable", process.Executable);
        writer.WriteBoolean("executableDeleted", process.ExecutableDeleted);
        writer.WriteText("user", process.UserName);
        writer.WriteNumber("userId", process.UserId);
        writer.WriteText("unit", process.Unit);
        writer.WriteText("container", process.Container);
        writer.WriteText("role", JsonText.Word(owner.Role));
        writer.WriteTexts("holds", owner.Ways.Select(JsonText.Word));
        writer.WriteText("startedAt", process.StartedAt is { } started ? moments.Iso(started) : null);
        writer.WriteText("workingDirectory", process.WorkingDirectory);
        writer.WriteText("state", ProcessStates.Name(process));
        writer.WriteList("parents", parents.Of(process), parent =>
        {
            writer.WriteNumber("pid", parent.Id);
            writer.WriteText("name", parent.Name);
        });
        ProvenanceJson.Write(writer, owner.StartedFrom);
    }
}

/// <summary>What the JSON form says of a socket whose holder is not plain to see.</summary>
internal static class HoldingJson
{
    /// <summary>
    /// <c>multipath</c>: whether it belongs to an MPTCP socket; <c>subflowState</c>: the TCP subflow's own state, where it is another.
    /// </summary>
    public static void WriteMultipath(Utf8JsonWriter writer, HeldSocket socket)
    {
        writer.WriteBoolean("multipath", socket.IsMultipath == Fact.Unknown ? null : socket.IsMultipath == Fact.Yes);
        writer.WriteText("subflowState", socket.SubflowState is { } state ? TcpStateNames.Of(state, socket.Protocol) : null);
    }

    /// <summary><c>inFlight</c>: the UNIX socket in whose queue it waits.</summary>
    public static void WriteFlight(Utf8JsonWriter writer, Blocker blocker) =>
        writer.WriteObject("inFlight", blocker.Flights.FirstOrDefault(), inFlight =>
        {
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
        });

    /// <summary><c>hint</c>: who may have made a socket without a visible owner.</summary>
    public static void WriteHint(Utf8JsonWriter writer, Blocker blocker) => writer.WriteObject("hint", blocker.Hint, hint =>
    {
        writer.WriteText("user", hint.UserName);
        writer.WriteText("cgroup", hint.Cgroup);
        writer.WriteText("unit", hint.Unit);
        writer.WriteText("container", hint.Container);
    });
}

/// <summary>The <c>kernelService</c> of a blocker: what in the kernel holds the socket, or null.</summary>
internal static class KernelOwnerJson
{
    public static void Write(Utf8JsonWriter writer, KernelOwner? owner) => writer.WriteObject("kernelService", owner, owner =>
    {
        writer.WriteText("kind", KernelKinds.Name(owner.Kind));
        writer.WriteTexts("names", owner.Names);
        writer.WriteText("label", owner.Label);
        writer.WriteText("source", owner.Source);
        writer.WriteText("handler", owner.Handler);
    });
}

/// <summary>
/// Where an owner was started, as the object <c>startedFrom</c>: every field is there, null where there is nothing to tell.
/// </summary>
internal static class ProvenanceJson
{
    public static void Write(Utf8JsonWriter writer, ProcessProvenance? provenance)
    {
        var origin = provenance ?? new ProcessProvenance();
        writer.WriteStartObject("startedFrom");
        writer.WriteText("unit", origin.Unit);
        writer.WriteObject("socketUnit", origin.SocketUnit, unit =>
        {
            writer.WriteText("name", unit.Name);
            writer.WriteText("service", unit.Service);
            writer.WriteBoolean("user", unit.IsUsers);
            writer.WriteTexts("others", unit.Others);
        });
        writer.WriteObject("container", origin.Container, container =>
        {
            writer.WriteText("id", container.Id);
            writer.WriteText("name", container.Name);
            writer.WriteText("engine", container.Engine);
            writer.WriteText("image", container.Image);
            writer.WriteNumber("userId", container.UserId);
            writer.WriteNumber("port", container.Port);
        });
        writer.WriteObject("compose", origin.Compose, compose =>
        {
            writer.WriteText("project", compose.Project);
            writer.WriteText("service", compose.Service);
        });
        writer.WriteObject("pod", origin.Pod, pod =>
        {
            writer.WriteText("name", pod.Name);
            writer.WriteText("namespace", pod.Namespace);
            writer.WriteText("uid", pod.Uid);
        });
        writer.WriteText("terminal", origin.Terminal);
        writer.WriteText("session", origin.Session);
        writer.WriteText("editor", origin.Editor);
        writer.WriteText("tool", origin.Tool?.Command);
        writer.WriteNumber("toolPid", origin.Tool?.ProcessId);
        writer.WriteText("projectFolder", origin.ProjectFolder);
        writer.WriteText("branch", origin.Branch);
        writer.WriteEndObject();
    }
}
