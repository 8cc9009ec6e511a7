using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Json;

/// <summary>
/// Writes a valid scenario as one line of JSON, its fields in a fixed order, without those that are at their defaults but name, protocol
/// and family.
/// </summary>
internal static class JsonScenarioWriter
{
    // Names hold nothing hidden, so letters of any script may stand as they are.
    private static readonly JsonWriterOptions Options =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void Write(IBufferWriter<byte> output, Scenario scenario)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        json.WriteString("name"u8, scenario.Name);
        json.WriteString("platform"u8, scenario.Platform);
        json.WriteStartArray("steps"u8);
        foreach (var step in scenario.Steps)
        {
            json.WriteStartObject();
            Write(json, step);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Step step)
    {
        json.WriteString("op"u8, StepOps.Of(step));
        if (step is SocketStep { Socket: var socket })
            json.WriteString("socket"u8, socket);
        switch (step)
        {
            case OpenStep open:
                WriteOpen(json, open);
                break;
            case SetStep set:
                WriteSet(json, set);
                break;
            case BindStep bind:
                WriteEndpoint(json, bind.Address, bind.Port);
                WriteOptional(json, "scope", bind.Scope);
                break;
            case ConnectStep { To: { } to }:
                json.WriteString("to"u8, to);
                break;
            case ConnectStep connect:
                WriteEndpoint(json, connect.Address, connect.Port);
                break;
            case AcceptStep accept:
                json.WriteString("as"u8, accept.As);
                break;
            case SendStep send:
                json.WriteNumber("bytes"u8, send.Bytes);
                if (send.To is { } target)
                    WriteEndpoint(json, target.Address, target.Port);
                break;
            case ReceiveStep receive:
                json.WriteNumber("bytes"u8, receive.Bytes);
                break;
            case ShutdownStep shutdown:
                json.WriteString("how"u8, ShutdownWords.Of(shutdown.How));
                break;
            case WaitStep wait:
                json.WriteNumber("seconds"u8, Seconds.Shortest(wait.Seconds));
                break;
            case SysctlStep sysctl:
                json.WriteString("name"u8, sysctl.Name);
                json.WriteString("value"u8, sysctl.Value);
                break;
            case ExpectStep expect:
                WriteExpect(json, expect);
                break;
            default:
                WriteLaboratory(json, step);
                break;
        }
    }

    // What no system call says, or no program by itself.
    private static void WriteLaboratory(Utf8JsonWriter json, Step step)
    {
        switch (step)
        {
            case RepeatStep repeat:
                json.WriteString("kind"u8, SegmentWords.Of(repeat.Kind));
                break;
            case StreamStep stream:
                json.WriteString("to"u8, stream.To);
                json.WriteNumber("bytes"u8, stream.Bytes);
                break;
            case SignalStep signal:
                json.WriteString("process"u8, signal.Process);
                json.WriteString("signal"u8, SignalWords.Of(signal.Signal));
                break;
            case ExitStep exit:
                json.WriteString("process"u8, exit.Process);
                break;
            case RetryStep retry:
                json.WriteStartObject("attempt"u8);
                Write(json, retry.Attempt);
                json.WriteEndObject();
                json.WriteNumber("every"u8, Seconds.Shortest(retry.EverySeconds));
                json.WriteNumber("for"u8, Seconds.Shortest(retry.ForSeconds));
                break;
        }
    }

    private static void WriteOpen(Utf8JsonWriter json, OpenStep open)
    {
        json.WriteString("protocol"u8, open.Protocol == Protocol.Udp ? "udp" : "tcp");
        json.WriteString("family"u8, open.Family == IpFamily.IPv6 ? "ipv6" : "ipv4");
        if (open.User is { } user)
            json.WriteNumber("user"u8, user);
        WriteOptional(json, "device", open.Device);
        WriteOptional(json, "process", open.Process);
    }

    private static void WriteSet(Utf8JsonWriter json, SetStep set)
    {
        json.WriteString("option"u8, SocketOptionNames.Of(set.Option));
        if (set.Value.Text is { } text)
            json.WriteString("value"u8, text);
        else
            json.WriteNumber("value"u8, set.Value.Number);
    }

    private static void WriteEndpoint(Utf8JsonWriter json, IpAddress address, ushort port)
    {
        json.WriteString("address"u8, address.ToString());
        json.WriteNumber("port"u8, port);
    }

    private static void WriteExpect(Utf8JsonWriter json, ExpectStep expect)
    {
        json.WriteString("result"u8, expect.Result);
        WriteOptional(json, "rule", expect.Rule);
        WriteOptional(json, "by", expect.By);
        WriteOptional(json, "claimed", expect.Claimed);
        if (expect.Steps != 1)
            json.WriteNumber("steps"u8, expect.Steps);
    }

    private static void WriteOptional(Utf8JsonWriter json, string field, string? value)
    {
        if (value is not null)
            json.WriteString(field, value);
    }
}
