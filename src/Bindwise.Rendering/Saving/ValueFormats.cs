using System.Buffers.Text;
using Bindwise.Model.Runtimes;
using Bindwise.Model.Targets;

namespace Bindwise.Rendering.Saving;

internal sealed class TextFormat : Format<string>
{
    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteTextValue(value);

    public override string Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new SnapshotFault("a text was expected", reader.TokenStartIndex);
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new SnapshotFault("the text is not UTF-8", reader.TokenStartIndex);
        }
    }
}

/// <summary>A value that a text stands for: an address, a state, a time.</summary>
internal sealed class SpelledFormat<T>(string what, Func<T, string> spell, Func<string, (bool IsValid, T Value)> parse) : Format<T>
{
    private static readonly TextFormat Text = new();

    public override void Write(Utf8JsonWriter writer, T value) => writer.WriteTextValue(spell(value));

    public override T Read(ref Utf8JsonReader reader)
    {
        var start = reader.TokenStartIndex;
        var (isValid, value) = parse(Text.Read(ref reader));
        return isValid ? value : throw new SnapshotFault($"{what} was expected", start);
    }
}

internal sealed class BooleanFormat : Format<bool>
{
    public override void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    public override bool Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw new SnapshotFault("true or false was expected", reader.TokenStartIndex),
    };
}

/// <summary>Reads a whole number of its kind; false for any other number.</summary>
internal delegate bool NumberReading<T>(ref Utf8JsonReader reader, out T value);

internal sealed class NumberFormat<T>(NumberReading<T> read) : Format<T>
    where T : struct, ISpanFormattable
{
    public override void Write(Utf8JsonWriter writer, T value) =>
        writer.WriteRawValue(value.ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);

    public override T Read(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && read(ref reader, out var value) ? value
            : throw new SnapshotFault($"a whole number of the kind {typeof(T).Name} was expected", reader.TokenStartIndex);
}

internal sealed class ListFormat<T>(Format<T> element) : Format<ImmutableArray<T>>
{
    public override void Write(Utf8JsonWriter writer, ImmutableArray<T> value)
    {
        writer.WriteStartArray();
        foreach (var item in value)
            element.Write(writer, item);
        writer.WriteEndArray();
    }

    public override ImmutableArray<T> Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new SnapshotFault("a list was expected", reader.TokenStartIndex);
        var items = ImmutableArray.CreateBuilder<T>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(element.Read(ref reader));
        return items.DrainToImmutable();
    }
}

/// <summary>A value type or null.</summary>
internal sealed class NullableFormat<T>(Format<T> format) : Format<T?>
    where T : struct
{
    public override void Write(Utf8JsonWriter writer, T? value)
    {
        if (value is { } present)
            format.Write(writer, present);
        else
            writer.WriteNullValue();
    }

    public override T? Read(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : format.Read(ref reader);
}

internal sealed class OptionalFormat<T>(Format<T> format) : Format<T?>
    where T : class
{
    public override void Write(Utf8JsonWriter writer, T? value)
    {
        if (value is null)
            writer.WriteNullValue();
        else
            format.Write(writer, value);
    }

    public override T? Read(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : format.Read(ref reader);
}

/// <summary>How a value stands in a snapshot file: both directions in one place, so that they cannot drift apart.</summary>
internal abstract class Format<T>
{
    public abstract void Write(Utf8JsonWriter writer, T value);

    /// <summary>Reads the value whose first token the reader stands on; afterwards the reader stands on its last.</summary>
    /// <exception cref="SnapshotFault">The JSON is no such value.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public abstract T Read(ref Utf8JsonReader reader);
}

/// <summary>Ranges of ports in a snapshot file.</summary>
internal sealed class PortRangeFormat : Format<PortRange>
{
    public static readonly Format<PortRange> Range = new PortRangeFormat();

    private static readonly Format<(int First, int Last)> Ends = new RecordFormat<(int First, int Last)>(default)
        .Required("first", Plain.Int32, x => x.First, (x, v) => x with { First = v })
        .Required("last", Plain.Int32, x => x.Last, (x, v) => x with { Last = v });

    public override void Write(Utf8JsonWriter writer, PortRange value) => Ends.Write(writer, (value.First, value.Last));

    public override PortRange Read(ref Utf8JsonReader reader)
    {
        var start = reader.TokenStartIndex;
        var (first, last) = Ends.Read(ref reader);
        return PortRange.AreEnds(first, last) ? new PortRange(first, last)
            : throw new SnapshotFault("a range of ports from 0 to 65535 was expected, the lower one first", start);
    }
}

/// <summary>Values that stand as texts in a snapshot file.</summary>
internal static class Spellings
{
    // The default of an address (no family) is what UNIX sockets carry; it has a spelling of its own so that nothing changes on the way.
    private const string None = "none";

    public static readonly Format<Protocol> Protocol = Words<Protocol>("a protocol");

    public static readonly Format<IpFamily> Family = Words("an address family", (IpFamily.IPv4, "ipv4"), (IpFamily.IPv6, "ipv6"));

    public static readonly Format<Fact> Fact = Words<Fact>("a fact");
    public static readonly Format<ProcMount> ProcMount = Words<ProcMount>("a state of /proc");
    public static readonly Format<NameKind> NameKind = Words<NameKind>("a kind of name");
    public static readonly Format<SocketUnitKind> SocketUnitKind = Words<SocketUnitKind>("a kind of listening");
    public static readonly Format<ProbedCall> ProbedCall = Words<ProbedCall>("a system call");
    public static readonly Format<AddressKind> AddressKind = Words<AddressKind>("a kind of address");
    public static readonly Format<HoldingWay> HoldingWay = Words<HoldingWay>("a way to hold a socket");

    public static readonly Format<PolicyHook> PolicyHook = Words("a hook",
        (Diagnostics.PolicyHook.None, "none"), (Diagnostics.PolicyHook.SocketCreate, "sock-create"), (Diagnostics.PolicyHook.Bind, "bind"),
        (Diagnostics.PolicyHook.PostBind, "post-bind"));

    public static readonly Format<HostSystem> System = Words("a system", (HostSystem.Linux, "linux"), (HostSystem.MacOS, "macos"),
        (HostSystem.Windows, "windows"), (HostSystem.Other, "other"));

    public static readonly Format<SocketApi> SocketApi = Words("an API of sockets", (Model.Targets.SocketApi.Unknown, "unknown"),
        (Model.Targets.SocketApi.DotNet, "dotnet"), (Model.Targets.SocketApi.Bindwise, "bindwise"));

    public static readonly Format<Runtime> Runtime =
        Words("a runtime", [.. RuntimeBook.All.Select(static runtime => (runtime, runtime.Id()))]);

    public static readonly Format<IpAddress> Address = new SpelledFormat<IpAddress>("an address", Spell, ParseAddress);
    public static readonly Format<IpEndpoint> Endpoint = new SpelledFormat<IpEndpoint>("an address with a port", Spell, ParseEndpoint);

    public static readonly Format<DateTimeOffset> Time = new SpelledFormat<DateTimeOffset>(
        "a time as 2026-07-01T14:02:31.0000000+02:00", time => time.ToString("O", CultureInfo.InvariantCulture), ParseTime);

    public static readonly Format<char> Letter = new SpelledFormat<char>("one letter", letter => letter.ToString(),
        text => (text.Length == 1, text.Length == 1 ? text[0] : default));

    /// <summary>
    /// The kernel's name; a number for a state that has none here. CLOSE and BOUND stay apart, unlike where they are shown.
    /// </summary>
    public static readonly Format<TcpSocketState> State = new SpelledFormat<TcpSocketState>("a socket state", Spell, ParseState);

    // The parser of all forms of dates would be loaded by every page that reads snapshots, for this one form.
    // Years at the ends of time would make every sum of times a trap.
    private static (bool, DateTimeOffset) ParseTime(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return (Utf8Parser.TryParse(bytes, out DateTimeOffset time, out var length, 'O') && length == bytes.Length
            && time.Year is >= 1970 and < 9999, time);
    }

    private static SpelledFormat<T> Words<T>(string what)
        where T : struct, Enum => Words(what, [.. Enum.GetValues<T>().Select(static value => (value, JsonText.Word(value)))]);

    internal static SpelledFormat<T> Words<T>(string what, params (T Value, string Word)[] words)
        where T : struct, Enum => new(
            what,
            value => Array.Find(words, pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Word ?? words[0].Word,
            text => (Array.Exists(words, pair => pair.Word == text), Array.Find(words, pair => pair.Word == text).Value));

    private static string Spell(IpAddress address) => address == default ? None : address.ToString();

    private static (bool IsValid, IpAddress Value) ParseAddress(string text) =>
        text == None ? (true, default) : (IpAddress.TryParse(text, out var address), address);

    private static string Spell(IpEndpoint endpoint) => endpoint == default ? None : endpoint.ToString();

    private static (bool IsValid, IpEndpoint Value) ParseEndpoint(string text)
    {
        if (text == None)
            return (true, default);
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return default;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        return (IpAddress.TryParse(host, out var address), new IpEndpoint(address, port));
    }

    private static string Spell(TcpSocketState state) => state == TcpSocketState.Close
        ? "CLOSE"
        : Enum.IsDefined(state) ? TcpStateNames.Of(state, Diagnostics.Protocol.Tcp) : ((byte)state).ToString(CultureInfo.InvariantCulture);

    private static (bool IsValid, TcpSocketState Value) ParseState(string text)
    {
        if (byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return (true, (TcpSocketState)number);
        foreach (var state in Enum.GetValues<TcpSocketState>())
        {
            if (Spell(state) == text)
                return (true, state);
        }
        return default;
    }
}
