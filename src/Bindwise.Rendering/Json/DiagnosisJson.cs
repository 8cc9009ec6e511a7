using Bindwise.Model.Diagnosing;
using Bindwise.Model.Runtimes;
using Bindwise.Rendering.Processes;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>
/// A diagnosis as one line of JSON: what <c>--json</c> prints. The fields are described in docs/json.md and
/// docs/schema/diagnosis.schema.json; fields are added, never renamed or given another type.
/// </summary>
internal static class DiagnosisJson
{
    public const string Schema = "bindwise.diagnosis/1";

    /// <summary>The diagnosis as one line of JSON, without the line's end.</summary>
    public static string Render(Diagnosis diagnosis)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, diagnosis);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(IBufferWriter<byte> output, Diagnosis diagnosis) => JsonText.Document(output, Schema, writer =>
    {
        var moments = new Moments(diagnosis.TakenAt);
        WriteTarget(writer, diagnosis.Target, diagnosis.Port);
        SubjectJson.Write(writer, diagnosis.As);
        writer.WriteText("verdict", Name(diagnosis.Verdict));
        writer.WriteText("errno", diagnosis.Errno);
        writer.WriteText("cause", diagnosis.Cause.Id());
        writer.WriteTexts("factors", diagnosis.Factors.Select(static factor => factor.Id()));
        WriteRule(writer, diagnosis.Rule);
        writer.WriteText("summary", diagnosis.Summary);
        writer.WriteTexts("why", diagnosis.Why);
        WriteAttempts(writer, diagnosis);
        var blockers = new BlockerJson(writer, moments, new ProcessAncestry(diagnosis.Processes), new DeviceNames(diagnosis.Interfaces));
        blockers.Write(diagnosis.Blockers);
        PolicyJson.Write(writer, diagnosis.Policies);
        ElsewhereJson.Write(writer, diagnosis.Elsewhere);
        PortUseJson.Write(writer, diagnosis.PortUse, blockers);
        writer.WriteText("closedFirst", diagnosis.ClosedFirst is { } closed ? JsonText.Word(closed) : null);
        writer.WriteText("freeAt", diagnosis.FreeAt is { } freeAt ? moments.Iso(freeAt) : null);
        WriteRemedies(writer, diagnosis);
        WriteRemarks(writer, "warnings", diagnosis.Warnings);
        WriteRemarks(writer, "limits", diagnosis.Limits);
        writer.WriteText("disagreement", diagnosis.Disagreement);
        PortableJson.Write(writer, diagnosis.Portable);
        writer.WriteText("takenAt", moments.Iso(diagnosis.TakenAt));
    });

    /// <param name="resolved">Its port, a service name resolved; null for UNIX.</param>
    internal static void WriteTarget(Utf8JsonWriter writer, Target target, ushort? resolved)
    {
        writer.WritePropertyName("target");
        WriteTargetValue(writer, target, resolved);
    }

    internal static void WriteTargetValue(Utf8JsonWriter writer, Target target, ushort? resolved)
    {
        writer.WriteStartObject();
        writer.WriteText("text", target.Text);
        writer.WriteText("protocol", Name(target.Protocol));
        writer.WriteText("address", AddressAsAsked(target));
        writer.WriteNumber("port", resolved ?? target.Port);
        writer.WriteText("path", target.Path);
        writer.WriteText("destination", target.Destination?.ToString());
        writer.WriteEndObject();
    }

    private static string? AddressAsAsked(Target target) =>
        target is { Host: { } host, Scope: { } scope } ? $"{host}%{scope}" : target.Host;

    private static void WriteRule(Utf8JsonWriter writer, Rule? rule) => writer.WriteObject("rule", rule, rule =>
    {
        writer.WriteText("id", rule.Id.Value);
        writer.WriteText("sentence", rule.Sentence);
        writer.WriteText("source", rule.Source);
    });

    private static void WriteAttempts(Utf8JsonWriter writer, Diagnosis diagnosis) =>
        writer.WriteList("attempts", diagnosis.Attempts, attempt =>
        {
            writer.WriteText("address", AttemptText.Address(attempt));
            writer.WriteTexts("options", attempt.Request.OptionNames);
            WriteCall(writer, "bind", attempt.Bind);
            WriteCall(writer, "listen", attempt.Listen);
            writer.WriteBoolean("asked", attempt.IsAsked);
            writer.WriteText("rule", attempt.Rule?.Id.Value);
        });

    private static void WriteCall(Utf8JsonWriter writer, string name, CallResult? call)
    {
        if (call is not { } made)
        {
            writer.WriteNull(name);
            return;
        }
        writer.WriteStartObject(name);
        writer.WriteText("result", made.Result);
        writer.WriteText("how", made.IsProbed ? "probed" : "predicted");
        writer.WriteBoolean("permitted", made.IsPermitted);
        writer.WriteEndObject();
    }

    private static void WriteRemedies(Utf8JsonWriter writer, Diagnosis diagnosis) =>
        writer.WriteList("remedies", diagnosis.Remedies, remedy =>
        {
            writer.WriteText("id", remedy.Id);
            writer.WriteText("text", remedy.Text);
            writer.WriteText("command", remedy.Command);
            writer.WriteText("changes", remedy.Changes);
            writer.WriteText("risk", remedy.Risk);
            writer.WriteText("language", remedy.Language?.Id());
            writer.WriteText("note", remedy.Note);
        });

    internal static void WriteRemarks(Utf8JsonWriter writer, string name, IEnumerable<Remark> remarks) =>
        writer.WriteList(name, remarks, remark =>
        {
            writer.WriteText("id", remark.Id);
            writer.WriteText("text", remark.Text);
        });

    internal static string Name(Protocol protocol) => protocol switch
    {
        Protocol.Tcp => "tcp",
        Protocol.Udp => "udp",
        _ => "unix",
    };

    internal static string Name(Verdict verdict) => verdict switch
    {
        Verdict.Free => "free",
        Verdict.Blocked => "blocked",
        _ => "undetermined",
    };
}

/// <summary>The <c>as</c> of the JSON form: for whom it was answered; null for the one who asked.</summary>
internal static class SubjectJson
{
    public static void Write(Utf8JsonWriter writer, Subject? program) => writer.WriteObject("as", program, program =>
    {
        writer.WriteText("text", SubjectAnswer.NameOf(program));
        writer.WriteText("asked", program.Asked);
        writer.WriteText("user", program.UserName);
        writer.WriteNumber("userId", program.UserId);
        writer.WriteNumber("pid", program.Process?.Id);
        writer.WriteText("command", program.Process is { } main ? ShownCommandLine.Of(main, ShownCommandLine.LimitOfJson) : null);
        writer.WriteText("unit", program.Unit ?? program.Process?.Unit);
        writer.WriteText("container", program.Container ?? program.Process?.Container ?? program.NetworkProcess?.Container);
        writer.WriteNumber("networkNamespace", program.NetworkNamespace);
        writer.WriteText("network", program.NetworkName);
        writer.WriteBoolean("otherNetwork", program.IsOtherNetwork);
        writer.WriteText("capabilities",
            program.Capabilities is { } set ? set.ToString("x16", CultureInfo.InvariantCulture) : null);
        writer.WriteText("privilegedPorts", JsonText.Word(program.MayBindPrivilegedPorts));
    });
}

/// <summary>The <c>elsewhere</c> of the JSON form: sockets in other network namespaces, which do not block.</summary>
internal static class ElsewhereJson
{
    public static void Write(Utf8JsonWriter writer, ImmutableArray<ElsewhereRecord> records)
    {
        writer.WriteList("elsewhere", records, record =>
        {
            writer.WriteText("protocol", DiagnosisJson.Name(record.Socket.Protocol));
            writer.WriteText("state", SocketText.State(record.Socket));
            writer.WriteText("local", SocketText.Local(record.Socket));
            writer.WriteNumber("networkNamespace", record.NetworkNamespace);
            writer.WriteText("network", record.NetworkName);
            writer.WriteNumber("pid", record.Process?.Id);
            writer.WriteText("command", record.Process is { } someone ? ShownCommandLine.Of(someone, ShownCommandLine.LimitOfJson) : null);
            writer.WriteText("container", record.Process?.Container);
            writer.WriteBoolean("holds", record.IsHolder);
        });
    }
}

internal static class PolicyJson
{
    public static void Write(Utf8JsonWriter writer, ImmutableArray<Policy> policies)
    {
        writer.WriteList("policies", policies, policy =>
        {
            writer.WriteText("kind", PolicyKinds.Name(policy.Kind));
            writer.WriteText("name", policy.Name.Length == 0 ? null : policy.Name);
            writer.WriteText("where", policy.Where);
            writer.WriteText("detail", policy.Detail);
            writer.WriteBoolean("certain", policy.IsCertain);
        });
    }
}

/// <summary>The <c>portUse</c> of the JSON form: who uses the ephemeral range, per destination.</summary>
internal static class PortUseJson
{
    public static void Write(Utf8JsonWriter writer, PortUse? use, BlockerJson owners) => writer.WriteObject("portUse", use, use =>
    {
        writer.WriteNumber("first", use.First);
        writer.WriteNumber("last", use.Last);
        writer.WriteNumber("usable", use.Usable);
        writer.WriteNumber("used", use.Used);
        writer.WriteList("destinations", use.Destinations, destination =>
        {
            writer.WriteText("remote", destination.Remote.ToString());
            writer.WriteText("local", destination.Local.ToString());
            writer.WriteNumber("count", destination.Count);
            writer.WriteNumber("timeWait", destination.TimeWait);
            owners.WriteOwners(destination.Owners);
        });
    });
}

/// <summary>The field <c>portable</c>: null for the full answer.</summary>
internal static class PortableJson
{
    public static void Write(Utf8JsonWriter writer, PortableRecord? record) => writer.WriteObject("portable", record, record =>
    {
        writer.WriteText("system", NameOf(record.System));
        writer.WriteList("seen", record.Seen, socket =>
        {
            writer.WriteText("state", TcpStateNames.Of(socket.State, socket.Protocol));
            writer.WriteText("local", socket.Local.ToString());
            writer.WriteText("remote", socket.Remote.Port == 0 ? null : socket.Remote.ToString());
        });
    });

    internal static string NameOf(HostSystem system) => system switch
    {
        HostSystem.Linux => "linux",
        HostSystem.MacOS => "macos",
        HostSystem.Windows => "windows",
        _ => "other",
    };
}
