using System.Text.Json;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.History;

/// <summary>
/// Reads a recorded <c>bindwise.diagnosis/1</c> as far as the text of an answer shows it: verdict, reasons, who, what next. The document
/// itself
/// is what <c>--json</c> prints.
/// </summary>
internal static class DiagnosisReader
{
    private const int Most = 256;

    /// <summary>Reads one; null for what is none.</summary>
    /// <param name="document">The document.</param>
    /// <param name="target">What was asked now.</param>
    public static Diagnosis? Read(ReadOnlyMemory<byte> document, Target target)
    {
        try
        {
            using var parsed = JsonDocument.Parse(document);
            var root = parsed.RootElement;
            return Text(root, "schema") == DiagnosisJson.Schema ? Read(root, target) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The document with a further remark, the first of its limits; as it is where it has none.</summary>
    public static byte[] WithLimit(byte[] document, Remark remark)
    {
        ArgumentNullException.ThrowIfNull(remark);
        var reader = new Utf8JsonReader(document);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("limits"u8))
                    continue;
                reader.Read();
                var at = (int)reader.BytesConsumed;
                var isFirst = reader.Read() && reader.TokenType == JsonTokenType.EndArray;
                var limit = Encoding.UTF8.GetBytes(
                    $"{{\"id\":{JsonText.Quote(remark.Id)},\"text\":{JsonText.Quote(remark.Text)}}}{(isFirst ? "" : ",")}");
                return [.. document.AsSpan(0, at), .. limit, .. document.AsSpan(at)];
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return document;
        }
        return document;
    }

    private static Diagnosis? Read(JsonElement root, Target target)
    {
        if (Text(root, "summary") is not { } summary || Moment(root, "takenAt") is not { } taken)
            return null;
        var processes = new Dictionary<int, ProcessRecord>();
        return new Diagnosis
        {
            Target = target,
            Port = target.Port,
            Verdict = Text(root, "verdict") switch
            {
                "free" => Verdict.Free,
                "blocked" => Verdict.Blocked,
                _ => Verdict.Undetermined,
            },
            Errno = Text(root, "errno"),
            Cause = CauseOf(Text(root, "cause")) ?? default,
            Factors = [.. Texts(root, "factors").Select(CauseOf).OfType<Cause>()],
            Rule = RuleOf(root.TryGetProperty("rule", out var rule) && rule.ValueKind == JsonValueKind.Object ? Text(rule, "id") : null),
            Summary = summary,
            Why = Texts(root, "why"),
            Blockers = [.. Elements(root, "blockers").Select(blocker => BlockerOf(blocker, processes)).OfType<Blocker>()],
            FreeAt = Moment(root, "freeAt"),
            Remedies = [.. Elements(root, "remedies").Select(RemedyOf)],
            Warnings = Remarks(root, "warnings"),
            Limits = Remarks(root, "limits"),
            Processes = [.. processes.Values],
            TakenAt = taken,
        };
    }

    private static Blocker? BlockerOf(JsonElement element, Dictionary<int, ProcessRecord> processes)
    {
        if (RuleOf(Text(element, "rule")) is not { } rule)
            return null;
        Protocol protocol = Text(element, "protocol") switch
        {
            "udp" => Protocol.Udp,
            "unix" => Protocol.Unix,
            _ => Protocol.Tcp,
        };
        var state = Enum.GetValues<TcpSocketState>().FirstOrDefault(one => TcpStateNames.Of(one, protocol) == Text(element, "state"));
        var local = Text(element, "local") ?? "";
        var end = EndOf(local);
        var options = Texts(element, "options");
        var unknown = Texts(element, "unknownOptions");
        Fact Option(string name) => options.Contains(name) ? Fact.Yes : unknown.Contains(name) ? Fact.Unknown : Fact.No;
        return new Blocker
        {
            Rule = rule,
            Owners = [.. Elements(element, "owners").Select(owner => OwnerOf(owner, processes))],
            Socket = new HeldSocket
            {
                Protocol = protocol,
                State = state,
                Path = protocol == Protocol.Unix ? local : null,
                Family = end.Address.Family,
                Local = end,
                Remote = Text(element, "remote") is { } remote ? EndOf(remote) : default,
                UserId = (uint?)Number(element, "userId"),
                Inode = (ulong)(Number(element, "inode") ?? 0),
                Cookie = (ulong)(Number(element, "cookie") ?? 0),
                MillisecondsLeft = Number(element, "secondsLeft") is { } left ? (int)Math.Min(left * 1000, int.MaxValue) : null,
                ReuseAddress = Option("SO_REUSEADDR"),
                ReusePort = Option("SO_REUSEPORT"),
                V6Only = Option("IPV6_V6ONLY"),
                ReceiveQueue = (uint)(Number(element, "receiveQueue") ?? 0),
                SendQueue = (uint)(Number(element, "sendQueue") ?? 0),
            },
        };
    }

    private static Owner OwnerOf(JsonElement element, Dictionary<int, ProcessRecord> processes)
    {
        var command = Text(element, "command");
        var process = new ProcessRecord
        {
            Id = (int)(Number(element, "pid") ?? 0),
            Name = command?.Split(' ')[0] ?? "",
            Arguments = command is null ? [] : [.. command.Split(' ')],
            Executable = Text(element, "executable"),
            UserName = Text(element, "user"),
            UserId = (uint?)Number(element, "userId"),
            Unit = Text(element, "unit"),
            Container = Text(element, "container"),
            WorkingDirectory = Text(element, "workingDirectory"),
            StartedAt = Moment(element, "startedAt"),
        };
        processes[process.Id] = process;
        return new Owner
        {
            Process = process,
            Descriptors = [],
            Role = Text(element, "role") switch
            {
                "creator" => OwnerRole.Creator,
                "inherited" => OwnerRole.Inherited,
                "receiver" => OwnerRole.Receiver,
                "candidate" => OwnerRole.Candidate,
                "keeper" => OwnerRole.Keeper,
                _ => OwnerRole.Holder,
            },
        };
    }

    private static Remedy RemedyOf(JsonElement element) => new(Text(element, "id") ?? "", Text(element, "text") ?? "",
        Text(element, "command"), Text(element, "changes") ?? "", Text(element, "risk") ?? "")
    {
        Note = Text(element, "note"),
        Language = Text(element, "language") is { } language
            ? Enum.GetValues<Runtime>().Cast<Runtime?>().FirstOrDefault(one =>
                Bindwise.Model.Runtimes.RuntimeBook.Id(one!.Value) == language)
            : null,
    };

    private static Cause? CauseOf(string? id) => Enum.GetValues<Cause>().Cast<Cause?>().FirstOrDefault(cause => cause!.Value.Id() == id);

    private static Rule? RuleOf(string? id) => id is null ? null : Bindwise.Diagnostics.RuleBook.All.FirstOrDefault(rule =>
        rule.Id.Value == id);

    private static IpEndpoint EndOf(string text)
    {
        var cut = text.LastIndexOf(':');
        return cut > 0 && IpAddress.TryParse(text[..cut].Trim('[', ']').Split('%')[0], out var address)
            && ushort.TryParse(text.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new IpEndpoint(address, port) : default;
    }

    private static ImmutableArray<Remark> Remarks(JsonElement element, string name) =>
        [.. Elements(element, name).Select(static one => new Remark { Id = Text(one, "id") ?? "", Text = Text(one, "text") ?? "" })];

    private static IEnumerable<JsonElement> Elements(JsonElement element, string name) =>
        element.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array
            ? array.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.Object).Take(Most) : [];

    private static ImmutableArray<string> Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array
            ? [.. array.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.String).Take(Most).Select(static one =>
                one.GetString()!)]
            : [];

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static decimal? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetDecimal(out var value)
            && value is >= 0 and <= int.MaxValue ? value : null;

    private static DateTimeOffset? Moment(JsonElement element, string name) =>
        Text(element, name) is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment : null;
}
