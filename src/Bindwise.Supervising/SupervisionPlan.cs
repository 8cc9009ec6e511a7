namespace Bindwise.Supervising;

/// <summary>A port that the program binds, and the one that it gets in its place.</summary>
/// <param name="Old">1 to 65535.</param>
/// <param name="New">1 to 65535.</param>
internal readonly record struct PortMove(ushort Old, ushort New);

/// <summary>An address that the program binds, and the one of the same family that it gets in its place.</summary>
internal readonly record struct AddressMove(IpAddress Old, IpAddress New);

/// <summary>
/// What the supervisor does about a program's sockets. By default it sets SO_REUSEADDR before
/// each TCP bind(), and explains those that fail.
/// </summary>
internal sealed record SupervisionPlan
{
    private const string Watch = "watch";
    private const string WaitWord = "wait";
    private const string ReportWord = "report";
    private const string EventsWord = "events";
    private const string ColumnsWord = "columns";
    private const string PortWord = "port";
    private const string AddressWord = "address";

    /// <summary>Sets SO_REUSEADDR before each bind() of a TCP port, and keeps it set; false: changes nothing.</summary>
    public bool ReuseAddress { get; init; } = true;

    /// <summary>
    /// How long a bind() that fails with EADDRINUSE is held until it succeeds; zero: not at all;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: without end.
    /// </summary>
    public TimeSpan Wait { get; init; }

    /// <summary>The file to which each failure's diagnosis is appended, a line of JSON each; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>The file to which what happens is appended, a line of JSON each; <c>-</c>: standard output; null for none.</summary>
    public string? Events { get; init; }

    public ImmutableArray<PortMove> Ports { get; init; } = [];
    public ImmutableArray<AddressMove> Addresses { get; init; } = [];

    /// <summary>Says at the start that programs gain no rights under this one, where that is so.</summary>
    public bool TellsLostRights { get; init; }

    /// <summary>How wide the program's terminal is; null for none.</summary>
    public int? Columns { get; init; }

    /// <summary>The plan as words of a command line, for the supervisor's process.</summary>
    internal IReadOnlyList<string> ToWords() =>
    [
        .. ReuseAddress ? Array.Empty<string>() : [Watch],
        .. Wait == TimeSpan.Zero ? Array.Empty<string>()
            : [WaitWord, (Wait == Timeout.InfiniteTimeSpan ? -1 : Wait.Ticks).ToString(CultureInfo.InvariantCulture)],
        .. Report is { } report ? [ReportWord, report] : Array.Empty<string>(),
        .. Events is { } events ? [EventsWord, events] : Array.Empty<string>(),
        .. Columns is { } columns ? [ColumnsWord, columns.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
        .. Ports.SelectMany(static move => new[] { PortWord, Number(move.Old), Number(move.New) }),
        .. Addresses.SelectMany(static move => new[] { AddressWord, move.Old.ToString(), move.New.ToString() }),
    ];

    /// <summary>The plan that <see cref="ToWords"/> wrote; null for other words.</summary>
    internal static SupervisionPlan? FromWords(string[] words)
    {
        var plan = new SupervisionPlan();
        while (words.Length > 0)
        {
            switch (words)
            {
                case [Watch, ..]:
                    (plan, words) = (plan with { ReuseAddress = false }, words[1..]);
                    break;
                case [WaitWord, var text, ..]
                    when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ticks) && ticks >= -1:
                    (plan, words) = (plan with { Wait = ticks < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(ticks) }, words[2..]);
                    break;
                case [ReportWord, var path, ..]:
                    (plan, words) = (plan with { Report = path }, words[2..]);
                    break;
                case [EventsWord, var path, ..]:
                    (plan, words) = (plan with { Events = path }, words[2..]);
                    break;
                case [ColumnsWord, var text, ..] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var columns):
                    (plan, words) = (plan with { Columns = columns }, words[2..]);
                    break;
                case [PortWord, var from, var to, ..] when TryPort(from, out var old) && TryPort(to, out var next):
                    (plan, words) = (plan with { Ports = plan.Ports.Add(new PortMove(old, next)) }, words[3..]);
                    break;
                case [AddressWord, var from, var to, ..] when IpAddress.TryParse(from, out var old) && IpAddress.TryParse(to, out var next):
                    (plan, words) = (plan with { Addresses = plan.Addresses.Add(new AddressMove(old, next)) }, words[3..]);
                    break;
                default:
                    return null;
            }
        }
        return plan;
    }

    /// <summary>An option promises another address than the program asks for.</summary>
    internal bool HasMoves => !Ports.IsEmpty || !Addresses.IsEmpty;

    /// <summary>Where a bind() goes: to the endpoint that it asks for, or to the one that takes its place.</summary>
    internal IpEndpoint Moved(IpEndpoint asked)
    {
        var (address, port) = (asked.Address, asked.Port);
        foreach (var move in Ports)
        {
            if (move.Old == asked.Port)
                port = move.New;
        }
        foreach (var move in Addresses)
        {
            if (move.Old == asked.Address)
                address = move.New;
            else if (asked.Address.IsMapped && move.New.Family == IpFamily.IPv4 && move.Old == asked.Address.AsIPv4)
                address = move.New.AsIPv6;
        }
        return new IpEndpoint(address, port);
    }

    /// <summary>Nothing of the program may be there: it is moved away, and nothing is moved to it.</summary>
    internal bool Closes(IpEndpoint local) =>
        Moved(local) != local && !Ports.Any(move => move.New == local.Port)
            && !Addresses.Any(move => move.New == local.Address || move.New == local.Address.AsIPv4);

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static string Number(ushort port) => port.ToString(CultureInfo.InvariantCulture);
}
