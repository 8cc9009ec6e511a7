namespace Bindwise.Lab.Drawing.Grids;

/// <summary>A bind() while others were bound.</summary>
/// <param name="Socket">Who tried: options and address.</param>
/// <param name="Holders">Who was in the way, or, where nobody is named, who was bound.</param>
/// <param name="Result">What it gave, or the listen() after it.</param>
internal sealed record BindAttempt(Protocol Protocol, string Socket, IReadOnlyList<string> Holders, StepResult Result, bool IsListen)
{
    public static IEnumerable<BindAttempt> In(Record record)
    {
        var sockets = new Dictionary<string, Facts>(StringComparer.Ordinal);
        var attempts = new List<BindAttempt>();
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var played in record.Steps)
        {
            if (played.Step is not SocketStep { Socket: var name })
                continue;
            var isOk = played.Result.Result == StepResult.Ok;
            var facts = sockets.GetValueOrDefault(name);
            switch (played.Step)
            {
                case OpenStep open when isOk:
                    sockets[name] = new Facts(open);
                    break;
                case SetStep set when isOk && facts is not null && set.Value.Number != 0 && Word(set.Option) is { } word:
                    facts.Options.Add(word);
                    break;
                case BindStep bind when facts is not null:
                    facts.Address = new IpEndpoint(bind.Address, bind.Port);
                    last[name] = attempts.Count;
                    attempts.Add(new BindAttempt(facts.Protocol, facts.ToString(), InTheWay(sockets, name, facts.Protocol, played.Result),
                        played.Result, false));
                    facts.IsBound = isOk;
                    break;
                case ListenStep when facts is not null:
                    facts.IsListening = isOk;
                    if (last.TryGetValue(name, out var own))
                        attempts[own] = attempts[own] with { Socket = facts.ToString(), Result = played.Result, IsListen = !isOk };
                    break;
                case CloseStep or AbortStep when isOk:
                    sockets.Remove(name);
                    break;
            }
        }
        return attempts;
    }

    // Those that the rules name; where they name none (the kernel does not) whoever is bound.
    private static List<string> InTheWay(Dictionary<string, Facts> sockets, string but, Protocol protocol, StepResult result)
    {
        var bound = sockets.Where(one => one.Key != but && one.Value.IsBound && one.Value.Protocol == protocol).ToList();
        var named = bound.FindAll(one => !result.Blockers.IsDefault && result.Blockers.Contains(one.Key));
        return [.. (named.Count > 0 ? named : bound).Select(static one => one.Value.ToString())];
    }

    private static string? Word(SocketOption option) => option switch
    {
        SocketOption.ReuseAddress => "reuseaddr",
        SocketOption.ReusePort => "reuseport",
        SocketOption.V6Only => "v6only",
        _ => null,
    };

    private sealed class Facts(OpenStep open)
    {
        public Protocol Protocol => open.Protocol;

        public List<string> Options { get; } = [];
        public IpEndpoint Address { get; set; }
        public bool IsBound { get; set; }
        public bool IsListening { get; set; }

        public override string ToString()
        {
            var user = open.User is { } id ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" user {id}") : "";
            var options = Options.Count > 0 ? " " + string.Join(' ', Options) : "";
            return $"{Address}{options}{user}{(IsListening ? " listening" : "")}";
        }
    }
}

/// <summary>Plays as a grid of two sockets: who was bound first at the left, who tried then above, and what that gave.</summary>
internal static class RecordGrid
{
    /// <summary>
    /// The grids of some plays, one a protocol, since sockets of different ones never meet; none where nobody tried to bind while another
    /// was bound.
    /// </summary>
    /// <param name="records">The plays, as the cases of a claim.</param>
    public static IReadOnlyList<Grid> Of(string title, IReadOnlyList<Record> records)
    {
        var grids = records.SelectMany(BindAttempt.In).GroupBy(static attempt => attempt.Protocol)
            .Select(group => Of(title, group.Key == Protocol.Udp ? "UDP" : "TCP", [.. group]))
            .Where(static grid => !grid.Rows.IsEmpty).ToList();
        if (grids.Count > 0)
            grids[^1] = grids[^1] with { Notes = [.. records.Select(Caption.SourceOf).Distinct()] };
        return grids;
    }

    private static Grid Of(string title, string protocol, List<BindAttempt> attempts)
    {
        ImmutableArray<string> columns =
            [.. attempts.Where(static attempt => attempt.Holders.Count > 0).Select(static attempt => attempt.Socket).Distinct()];
        var rows = attempts.SelectMany(static attempt => attempt.Holders).Distinct()
            .Select(row => new GridRow(row, [.. columns.Select(column => CellOf(attempts, row, column))]));
        return new Grid($"{title}: {protocol}", "bound, then tried", columns, [.. rows]);
    }

    // An empty cell was not tried. Two cases may try the same in other circumstances; then both results stand there.
    private static GridCell CellOf(List<BindAttempt> attempts, string row, string column) =>
        attempts.Where(attempt => attempt.Socket == column && attempt.Holders.Contains(row))
            .Select(static attempt => new GridCell(attempt.Result.Result + (attempt.IsListen ? " at listen" : ""),
                attempt.Result.Result == StepResult.Ok ? Tone.Good : Tone.Bad)
            { Rule = attempt.Result.Rule })
            .DefaultIfEmpty(new GridCell("", Tone.Dim))
            .Aggregate(static (cell, next) => cell == next ? next : new GridCell($"{cell.Word} or {next.Word}", Tone.Unknown));
}
