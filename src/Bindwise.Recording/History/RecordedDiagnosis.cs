using System.Text.Json;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;

namespace Bindwise.Recording.History;

/// <summary>The answer for a moment whose sockets are recorded: they as a snapshot, given to the model that answers for now.</summary>
internal static class RecordedDiagnosis
{
    /// <summary>The id of the remark that says where an answer comes from.</summary>
    public const string FromRecord = "from-record";

    private static readonly InterfaceRecord Loopback = new()
    {
        Index = 1,
        Name = "lo",
        IsUp = true,
        Addresses =
        [
            new InterfaceAddress(IpAddress.LoopbackIPv4, 8),
            new InterfaceAddress(IpAddress.LoopbackIPv6, 128),
        ],
    };

    /// <param name="options">How the program binds, as far as the user told.</param>
    /// <param name="match">The target, with its names looked up.</param>
    /// <param name="at">The moment that was asked for, with the offset in which times are shown.</param>
    public static Diagnosis Of(Target target, ProgramOptions options, TargetMatch match, RecordedMoment.Sight sight, DateTimeOffset at)
    {
        var diagnosis = Diagnoser.Diagnose(target, options, SnapshotOf(target, match, sight, at));
        return diagnosis with
        {
            // The numbers that held the parts together are not the kernel's.
            Blockers = [.. diagnosis.Blockers.Select(static blocker => blocker with { Socket = blocker.Socket with { Inode = 0 } })],
            Limits = [Remark(sight, at), .. diagnosis.Limits],
            // What helps to see more now, or is about a socket that is not known, does not help a record.
            Remedies = diagnosis.Blockers.IsEmpty && diagnosis.Verdict != Verdict.Free ? []
                : [.. diagnosis.Remedies.Where(static one => one.Id is not ("leave-sandbox" or "ask-with-probe"))],
        };
    }

    /// <summary>
    /// The answer to a call that failed then: the one that was made, or where that does not say why it failed, that nobody knows.
    /// </summary>
    /// <param name="made">The answer that was made; null where none was.</param>
    /// <returns>The answer; and the same as a document, where there is one of it.</returns>
    public static (Diagnosis Diagnosis, byte[]? Document) Of(Target target, PortEvent failure, byte[]? made, DateTimeOffset at)
    {
        var remark = Remark(failure, at);
        var known = made is null ? null : DiagnosisReader.Read(made, target);
        if (known is not null && failure.Cause is not null)
            return (known with { Limits = [remark, .. known.Limits] }, DiagnosisReader.WithLimit(made!, remark));
        var why = failure.Limits is [.., var last] ? $"{last}." : "nothing tells it.";
        var unexplained = new Diagnosis
        {
            Target = target,
            Port = target.Port,
            Verdict = Verdict.Undetermined,
            Cause = known is null or { Verdict: Verdict.Free } ? Cause.OwnerHidden : known.Cause,
            Factors = known?.Factors ?? [],
            Rule = known?.Rule,
            Summary = $"{PortEventWords.Of(failure.Call ?? PortEventCall.Bind)}() of {failure.Address ?? target.Text} failed then "
                + $"({failure.Result}), and the reason is not known: {why}",
            Warnings = known?.Warnings ?? [],
            Limits = [remark, .. known?.Limits ?? []],
            TakenAt = known?.TakenAt ?? failure.Time.ToOffset(at.Offset),
        };
        return (unexplained, null);
    }

    /// <summary>Where a recorded failure's answer comes from.</summary>
    private static Remark Remark(PortEvent failure, DateTimeOffset at)
    {
        var who = failure.Program is { } program ? $"{program} (pid {failure.ProcessId})" : $"pid {failure.ProcessId}";
        return Remark($"bindwise record saw this {Distance(at, failure.Time)}, when a call of {who} failed");
    }

    private static Remark Remark(RecordedMoment.Sight sight, DateTimeOffset at)
    {
        var since = sight.Events switch
        {
            0 => "",
            1 => ", and one event since",
            _ => string.Create(CultureInfo.InvariantCulture, $", and {sight.Events} events since"),
        };
        var omitted = sight.Omitted == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
            $", and of so many not all: {Wording.Count(sight.Omitted, "is", "are")} missing");
        return Remark($"bindwise record saw this {Distance(at, sight.Taken)}{since}; "
            + $"it keeps who listens or is bound for two seconds or longer{omitted}, not connections or TIME_WAIT");
    }

    private static Remark Remark(string text) => new() { Id = FromRecord, Text = $"From the record: {text}." };

    private static string Distance(DateTimeOffset at, DateTimeOffset seen)
    {
        // A time without a fraction is all of its second.
        var end = MomentText.EndOf(at);
        var distance = seen < at ? at - seen : seen > end ? seen - end : TimeSpan.Zero;
        return distance < TimeSpan.FromMilliseconds(1) ? "at that moment"
            : string.Create(CultureInfo.InvariantCulture, $"{distance.TotalSeconds:0.###} s ") + (seen < at ? "before" : "after")
                + " that moment";
    }

    private static Snapshot SnapshotOf(Target target, TargetMatch match, RecordedMoment.Sight sight, DateTimeOffset at)
    {
        var sockets = ImmutableArray.CreateBuilder<HeldSocket>();
        var holders = ImmutableArray.CreateBuilder<Holder>();
        var processes = new Dictionary<int, ProcessRecord>();
        foreach (var row in sight.Sockets.Where(row => row.Protocol == target.Protocol && IsOnPort(match, row)))
        {
            if (SocketOf(row, (ulong)sockets.Count + 1) is not { } socket)
                continue;
            sockets.Add(socket);
            if (row.ProcessId == 0)
                continue;
            holders.Add(new Holder(socket.Inode, row.ProcessId, -1));
            processes[row.ProcessId] = new ProcessRecord { Id = row.ProcessId, Name = row.Program ?? "" };
        }
        return new Snapshot
        {
            TakenAt = sight.Taken.ToOffset(at.Offset),
            Sockets = sockets.ToImmutable(),
            Holders = holders.ToImmutable(),
            Processes = [.. processes.Values],
            // Where not all of them are known, one that is not listed may have the port.
            Coverage = new Coverage
            {
                IsPast = true,
                ListenersRead = true,
                OwnersRead = true,
                Processes = processes.Count,
                SocketsUnread = sockets.Count == 0 && sight.Omitted > 0,
            },
            // Who is bound to a path has its file; whether one without a server is there, a census does not tell.
            UnixPath = match.Path is [not '@', ..] path && sockets.Count > 0
                ? new UnixPathRecord { Path = path, Exists = true, IsSocket = true, Kind = "socket", IsServed = Fact.Yes } : null,
            Names = NamesOf(target, match),
            // A census has no interfaces: loopback addresses every host has, and others whoever was bound to them.
            Interfaces = [Loopback with { Addresses = [.. Loopback.Addresses, .. AddressesOf(match, sight)] }],
        };
    }

    private static IEnumerable<InterfaceAddress> AddressesOf(TargetMatch match, RecordedMoment.Sight sight) => match.Addresses
        .Select(static asked => asked.Unmapped)
        .Where(asked => sight.Sockets.Any(row => TargetMatch.HostOf(row.Address)?.Unmapped == asked))
        .Select(static own => new InterfaceAddress(own, own.Family == IpFamily.IPv4 ? 32 : 128));

    private static ImmutableArray<NameLookup> NamesOf(Target target, TargetMatch match)
    {
        var names = ImmutableArray.CreateBuilder<NameLookup>();
        if (target is { Host: { } host, Address: null } && !match.Addresses.IsEmpty)
            names.Add(new NameLookup(NameKind.Host, host, match.Addresses));
        if (target.Service is { } service)
            names.Add(new NameLookup(NameKind.Service, service, [], match.Port));
        return names.ToImmutable();
    }

    // Which of the port's sockets is in the way, the rules say.
    private static bool IsOnPort(TargetMatch match, CensusRow row) => match.Path is { } path ? row.Address == path
        : Segments.DigestBuilder.PortOf(row.Protocol, row.Address) == match.Port;

    private static HeldSocket? SocketOf(CensusRow row, ulong inode)
    {
        var state = row.State switch
        {
            "LISTEN" => TcpSocketState.Listen,
            "ESTABLISHED" => TcpSocketState.Established,
            _ => row.Protocol == Protocol.Tcp ? TcpSocketState.Bound : TcpSocketState.Close,
        };
        var socket = new HeldSocket { Protocol = row.Protocol, State = state, Inode = inode, UserId = row.UserId };
        if (row.Protocol == Protocol.Unix)
            return socket with { Path = row.Address, SocketType = 1 };
        return TargetMatch.HostOf(row.Address) is { } address
            ? socket with
            {
                Family = address.Family,
                Local = new IpEndpoint(address, Segments.DigestBuilder.PortOf(row.Protocol, row.Address)),
                V6Only = address.Family == IpFamily.IPv4 || address.IsMapped ? Fact.No
                    : row.IsDualStack is not { } isDualStack ? Fact.Unknown : isDualStack ? Fact.No : Fact.Yes,
            } : null;
    }
}

/// <summary>
/// Reads a recorded <c>bindwise.diagnosis/1</c> as far as the text of an answer shows it: verdict, reasons, who, what next. The document
/// itself is what <c>--json</c> prints.
/// </summary>
internal static class DiagnosisReader
{
    private const int Most = 256;

    /// <summary>Reads one; null for what is none.</summary>
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
        ImmutableArray<string> arguments = Text(element, "command") is { } command ? ShellQuoting.Words(command) : [];
        var process = new ProcessRecord
        {
            Id = (int)(Number(element, "pid") ?? 0),
            Name = arguments.FirstOrDefault() ?? "",
            Arguments = arguments,
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

    private static IpEndpoint EndOf(string text) =>
        TargetMatch.HostOf(text) is { } address ? new IpEndpoint(address, Segments.DigestBuilder.PortOf(null, text)) : default;

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
