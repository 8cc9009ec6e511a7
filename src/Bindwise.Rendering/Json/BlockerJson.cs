using System.Collections.Immutable;
using System.Text.Json;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Rendering.Processes;
using Bindwise.Rendering.Sockets;
using Bindwise.Rendering.Text;

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
        writer.WriteText("command", CommandLineLine.Of(process, CommandLineLine.LimitOfJson));
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
        _ => "holder",
    };
}
