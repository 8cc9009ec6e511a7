using Bindwise.Linux.Names;
using Bindwise.Model.Targets;

namespace Bindwise.Recording.History;

/// <summary>A target as records are searched for it.</summary>
/// <param name="Protocol">Only this one; null for any.</param>
/// <param name="Port">The port; null of a UNIX socket.</param>
/// <param name="Addresses">The addresses that were named: they, and all that overlap them; empty for any.</param>
/// <param name="Path">The path or name of a UNIX socket; null for none.</param>
internal sealed record TargetMatch(Protocol? Protocol, ushort? Port, ImmutableArray<IpAddress> Addresses, string? Path)
{
    /// <summary>The target is where a connection goes, not where a socket is bound.</summary>
    public bool IsDestination { get; init; }

    /// <summary>The target, with its names looked up; null, with a fault of one line, where they are not known.</summary>
    public static TargetMatch? Of(Target target, Func<string, ImmutableArray<IpAddress>> findHost,
        Func<string, Protocol, ushort?> findService, out string? fault)
    {
        fault = null;
        Protocol? protocol = target.IsProtocolAssumed ? null : target.Protocol;
        if (target.Protocol == Diagnostics.Protocol.Unix)
            return new TargetMatch(protocol, null, [], target.Path);
        var (port, host, named) = target.Destination is { } to ? (to.Port, to.Host, to.Address)
            : (target.Port, target.Host, target.Address);
        if (target.Service is { } service && (port = findService(service, target.Protocol)) is null)
            fault = UnknownService.Explain(service, target.Protocol, findService, "/etc/services");
        ImmutableArray<IpAddress> addresses = named is { } address ? [address]
            : host is not (null or "*") ? findHost(host) : [];
        if (host is not (null or "*") && named is null && addresses.IsEmpty)
            fault = $"the host name {host} is not known";
        if (port is null or 0 && fault is null)
            fault = $"{target.Text} names no port: give one, as in 8080";
        return fault is null ? new TargetMatch(protocol, port, addresses, null) { IsDestination = target.Destination is not null } : null;
    }

    /// <summary>Whether a socket or a call at an address concerns the target.</summary>
    public bool Covers(Protocol? protocol, string? address)
    {
        if (Protocol is { } one && protocol is { } other && one != other)
            return false;
        if (Path is not null)
            return protocol is Diagnostics.Protocol.Unix && address == Path;
        if (address is null || protocol is Diagnostics.Protocol.Unix || DigestBuilder.PortOf(protocol, address) != Port)
            return false;
        if (Addresses.IsEmpty)
            return true;
        return HostOf(address) is not { } there || there.IsWildcard
            || Addresses.Any(wanted => wanted.IsWildcard || wanted.Unmapped == there.Unmapped);
    }

    /// <summary>Whether an address is the one that was named, not another that overlaps it; any is where none was named.</summary>
    public bool Names(string? address) =>
        Addresses.IsEmpty || (HostOf(address) is { } there && Addresses.Any(wanted => wanted.Unmapped == there.Unmapped));

    public static bool IsWildcard(string? address) => HostOf(address) is { IsWildcard: true };

    /// <summary>The address without its port and interface; null for a path.</summary>
    public static IpAddress? HostOf(string? address) => address?.LastIndexOf(':') is >= 0 and var cut
        && IpAddress.TryParse(address[..cut].Trim('[', ']').Split('%')[0], out var host) ? host : null;
}

/// <summary>What is asked of a record.</summary>
internal sealed record HistoryQuery
{
    /// <summary>A script stands among so many words of a command line: <c>python3 -B app.py</c>.</summary>
    private const int WordsWithScript = 3;

    /// <summary>Only what concerns one of these; empty for everything.</summary>
    public ImmutableArray<TargetMatch> Targets { get; init; } = [];

    public DateTimeOffset? Since { get; init; }

    /// <summary>Only until then, with the whole of that second.</summary>
    public DateTimeOffset? Until
    {
        get;
        init => field = value is { } time ? MomentText.EndOf(time) : null;
    }

    public bool IsFailedOnly { get; init; }

    /// <summary>Only of this program: the kernel's name of it, its executable's, or the script's that it runs.</summary>
    public string? Program { get; init; }

    /// <summary>Who held what of that program, by the record that is searched; null where it was not asked.</summary>
    public ProgramHolders? Holders { get; init; }

    /// <summary>Only so many events, the newest.</summary>
    public int MostEvents { get; init; } = int.MaxValue;

    /// <summary>And of these only as many as have lines of so many bytes together.</summary>
    public long MostBytes { get; init; } = long.MaxValue;

    /// <summary>Whether not all events are asked for, however many there are.</summary>
    public bool IsBounded => MostEvents < int.MaxValue || MostBytes < long.MaxValue;

    /// <summary>Whether one more event is asked for.</summary>
    public bool HasRoom(int events, long bytes) => events < MostEvents && bytes <= MostBytes;

    /// <summary>Whether an event concerns the whole host: that the clock was set, or that something is missing.</summary>
    public static bool IsOfHost(PortEventKind kind) => kind is PortEventKind.ClockChanged or PortEventKind.Lost;

    /// <summary>Whether an event is asked for.</summary>
    /// <param name="segment">Whose digest that is.</param>
    public bool Covers(SegmentDigest digest, in DigestEntry entry, int segment)
    {
        var last = Math.Max(entry.TimeTicks, entry.LastTimeTicks);
        if ((Since is { } since && last < since.UtcTicks) || (Until is { } until && entry.TimeTicks > until.UtcTicks)
            || (IsFailedOnly && entry.Kind != (byte)PortEventKind.BindFailed))
            return false;
        if (IsOfHost((PortEventKind)entry.Kind))
            return true;
        if (Program is not null && !IsOfProgram(digest, entry, segment))
            return false;
        if (Targets.IsEmpty)
            return true;
        foreach (var target in Targets)
        {
            if ((target.Port is not { } port || port == entry.Port)
                && target.Covers(entry.Protocol == DigestEntry.None ? null : (Protocol)entry.Protocol, digest.Text(entry.Address)))
                return true;
        }
        return false;
    }

    /// <summary>Whether an event is of the program: it says so itself, or is the end of what the program held.</summary>
    public bool IsOfProgram(SegmentDigest digest, in DigestEntry entry, int segment) => NamesProgram(digest, entry)
        || ((PortEventKind)entry.Kind is PortEventKind.Closed or PortEventKind.OwnerChanged
            && Holders?.Has(digest.EventOf(entry), RecordPlace.Of(segment, entry)) == true);

    private bool NamesProgram(SegmentDigest digest, in DigestEntry entry)
    {
        if (digest.Text(entry.Program) == Program)
            return true;
        // The command line begins with the executable, after which an interpreter's has the script.
        var command = digest.Text(entry.Command).AsSpan();
        for (var word = 0; word < WordsWithScript && !command.IsEmpty; word++)
        {
            var end = command.IndexOf(' ');
            var file = end < 0 ? command : command[..end];
            if (file[(file.LastIndexOf('/') + 1)..].SequenceEqual(Program))
                return true;
            command = end < 0 ? [] : command[(end + 1)..];
        }
        return false;
    }
}

/// <summary>A target with its names looked up.</summary>
internal sealed record RecordTarget(Target Target, TargetMatch Match)
{
    private static readonly TimeSpan MostOfLookup = TimeSpan.FromSeconds(2);

    /// <summary>Looks the names of targets up; null, with one line, for a fault.</summary>
    [SupportedOSPlatform("linux")]
    public static ImmutableArray<RecordTarget>? Of(IEnumerable<TypedTarget> named, out string? fault)
    {
        fault = null;
        var targets = ImmutableArray.CreateBuilder<RecordTarget>();
        foreach (var typed in named)
        {
            fault = typed.Error;
            var match = typed.Target is { } target
                ? TargetMatch.Of(target, static name => HostNames.Find(name, MostOfLookup), ServiceNames.FindPort, out fault) : null;
            if (match is null)
                return null;
            targets.Add(new RecordTarget(typed.Target!, match));
        }
        return targets.ToImmutable();
    }

    /// <summary>That there is no record, and how one is begun: one sentence.</summary>
    public static string WhyMissing(string directory) => $"there is no record in {directory}: bindwise record keeps one "
        + "(as a service: sudo systemctl enable --now bindwise-record)";
}
