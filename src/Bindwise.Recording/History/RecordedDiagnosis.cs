using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Json;

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

    /// <summary>The answer.</summary>
    /// <param name="target">What is asked.</param>
    /// <param name="options">How the program binds, as far as the user told.</param>
    /// <param name="match">The target, with its names looked up.</param>
    /// <param name="sight">The sockets.</param>
    /// <param name="at">The moment that was asked for, with the offset in which times are shown.</param>
    public static Diagnosis Of(Target target, ProgramOptions options, TargetMatch match, RecordedMoment.Sight sight, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(match);
        ArgumentNullException.ThrowIfNull(sight);
        var diagnosis = Diagnoser.Diagnose(target, options, SnapshotOf(target, match, sight, at));
        return diagnosis with
        {
            // The numbers that held the parts together are not the kernel's.
            Blockers = [.. diagnosis.Blockers.Select(static blocker => blocker with { Socket = blocker.Socket with { Inode = 0 } })],
            Limits = [Remark(sight, at), .. diagnosis.Limits],
            // What helps to see more, or is about a socket that is not known, does not help a record.
            Remedies = diagnosis.Blockers.IsEmpty && diagnosis.Verdict != Verdict.Free ? []
                : sight.Omitted == 0 ? diagnosis.Remedies : [.. diagnosis.Remedies.Where(static one => one.Id != "leave-sandbox")],
        };
    }

    /// <summary>Where a recorded failure's answer comes from.</summary>
    public static Remark Remark(PortEvent failure, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(failure);
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
        var distance = (at - seen).Duration();
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
                ListenersRead = true,
                OwnersRead = true,
                Processes = processes.Count,
                SocketsUnread = sockets.Count == 0 && sight.Omitted > 0,
            },
            // Who is bound to a path has its file; whether one without a server is there, a census does not tell.
            UnixPath = match.Path is [not '@', ..] path && sockets.Count > 0
                ? new UnixPathRecord { Path = path, Exists = true, IsSocket = true, Kind = "socket", IsServed = Fact.Yes } : null,
            Names = NamesOf(target, match),
            // A census has no addresses of the host; these every host has.
            Interfaces = !match.Addresses.IsEmpty && match.Addresses.All(static one => one.IsLoopback) ? [Loopback] : [],
            AddressFacts = [.. match.Addresses.Where(static one => one.IsLoopback)
                .Select(static one => new AddressFact(one, AddressKind.Local))],
        };
    }

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
        var cut = row.Address.LastIndexOf(':');
        return cut > 0 && IpAddress.TryParse(row.Address[..cut].Trim('[', ']').Split('%')[0], out var address)
            ? socket with
            {
                Family = address.Family,
                Local = new IpEndpoint(address, Segments.DigestBuilder.PortOf(row.Protocol, row.Address)),
                V6Only = address.Family == IpFamily.IPv4 ? Fact.No : row.IsDualStack is not { } isDualStack ? Fact.Unknown
                    : isDualStack ? Fact.No : Fact.Yes,
            } : null;
    }
}
