using Bindwise.Lab.Drawing.Grids;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Lab.Matrices;

/// <summary>
/// A matrix as grids: for one system the second socket's addresses above, the first one's at the left; for several a column a system.
/// </summary>
internal static class MatrixGrids
{
    /// <summary>The grids of one system, one for each setting of the options.</summary>
    /// <param name="showsRules">The id of the rule stands below each result.</param>
    public static ImmutableArray<Grid> Of(MatrixPlan plan, PlatformProfile platform, bool showsRules)
    {
        var grids = ImmutableArray.CreateBuilder<Grid>();
        for (var setting = 0; setting < plan.SettingCount; setting++)
        {
            var cells = plan.CellsOf(platform, setting);
            var rows = ImmutableArray.CreateBuilder<GridRow>();
            for (var first = 0; first < plan.Firsts.Length; first++)
            {
                var row = cells.Slice(first * plan.Seconds.Length, plan.Seconds.Length);
                rows.Add(new GridRow(row[0].First.Place, [.. row.Select(cell => CellOf(cell, showsRules))]));
            }
            grids.Add(new Grid(
                $"{platform.Name}: {TitleOf(cells[0])}", "first, then",
                [.. cells.Take(plan.Seconds.Length).Select(static cell => cell.Second.Place)], rows.ToImmutable()));
        }
        return grids.ToImmutable();
    }

    /// <summary>The grids that compare systems: a row for each pair of addresses.</summary>
    /// <param name="plan">The plan, with two systems or more.</param>
    /// <param name="isWhole">Every row; else those alone in which the systems differ.</param>
    public static ImmutableArray<Grid> Compare(MatrixPlan plan, bool isWhole)
    {
        var grids = ImmutableArray.CreateBuilder<Grid>();
        for (var setting = 0; setting < plan.SettingCount; setting++)
        {
            var columns = plan.Platforms.Select(platform => plan.CellsOf(platform, setting)).ToList();
            var rows = ImmutableArray.CreateBuilder<GridRow>();
            for (var index = 0; index < columns[0].Length; index++)
            {
                var cells = columns.Select(column => column[index]).ToList();
                if (isWhole || Differ(cells))
                    rows.Add(new GridRow($"{cells[0].First.Place}, {cells[0].Second.Place}",
                        [.. cells.Select(static cell => CellOf(cell, showsRule: false))]));
            }
            var alike = columns[0].Length - rows.Count;
            var missing = plan.Platforms.Where((_, index) => columns[index].Any(static cell => cell.Ruling.IsMissing))
                .Select(static platform => platform.Name).ToList();
            var lack = $"{string.Join(" and ", missing)} {(missing.Count == 1 ? "has" : "have")} no such option";
            var agree = missing.Count == 0 ? "they all agree"
                : plan.Platforms.Length - missing.Count < 2 ? $"{lack}, which leaves nothing to compare" : $"{lack}, and the others agree";
            var everywhere = missing.Count == 0 ? " in every cell" : "";
            grids.Add(new Grid(TitleOf(columns[0][0]), "first, second", [.. plan.Platforms.Select(static platform => platform.Name)],
                rows.ToImmutable())
            {
                Notes = rows.Count == 0 ? [$"{char.ToUpperInvariant(agree[0])}{agree[1..]}{everywhere}; --whole shows them."]
                    : alike == 0 ? [] : [$"{alike} of {columns[0].Length} pairs {(alike == 1 ? "is" : "are")} left out: there {agree}."],
            });
        }
        return grids.ToImmutable();
    }

    /// <summary>The words of the cells, and what they mean, as far as they occur.</summary>
    public static ImmutableArray<string> Legend(IEnumerable<MatrixCell> cells)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        var either = new SortedSet<string>(StringComparer.Ordinal);
        var (hasWindows, hasDual) = (false, false);
        foreach (var cell in cells)
        {
            words.Add(WordOf(cell));
            hasWindows |= cell.Platform is WindowsProfile;
            hasDual |= IsDual(cell.First) || IsDual(cell.Second);
            if (WordOf(cell) == "either")
                either.Add($"{cell.Ruling.Text} ({cell.Ruling.Rule.Id})");
        }
        var lines = ImmutableArray.CreateBuilder<string>();
        if (hasDual)
            lines.Add("[::]: dual-stack, IPV6_V6ONLY is off");
        if (words.Contains("in use"))
            lines.Add($"in use: EADDRINUSE{(hasWindows ? " (Windows: WSAEADDRINUSE)" : "")}");
        if (words.Contains("denied"))
            lines.Add($"denied: EACCES{(hasWindows ? " (Windows: WSAEACCES)" : "")}");
        if (words.Contains("no listen"))
            lines.Add("no listen: bind() succeeds, listen() is refused");
        if (either.Count > 0)
            lines.Add("either: the documentation allows both, " + string.Join("; ", either));
        if (words.Contains("unknown"))
            lines.Add("unknown: no source that we read says");
        if (words.Contains("n/a"))
            lines.Add("n/a: this system lacks an option of one of the sockets");
        return lines.ToImmutable();
    }

    public static string WordOf(MatrixCell cell)
    {
        var ruling = cell.Ruling;
        if (cell.Listen is { IsAllowed: false, IsOpen: false })
            return "no listen";
        return ruling.Results switch
        {
            [] => PlatformRuling.Unknown,
            [PlatformRuling.Ok] => PlatformRuling.Ok,
            ["EADDRINUSE" or "WSAEADDRINUSE"] => "in use",
            ["EACCES" or "WSAEACCES"] => "denied",
            [PlatformRuling.NoOption] => "n/a",
            [var other] => other,
            _ => "either",
        };
    }

    // A system on which the question cannot be asked differs from none.
    private static bool Differ(List<MatrixCell> cells)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in cells)
        {
            if (!cell.Ruling.IsMissing)
                words.Add(WordOf(cell));
        }
        return words.Count > 1;
    }

    private static GridCell CellOf(MatrixCell cell, bool showsRule)
    {
        var ruling = cell.Ruling;
        var tone = ruling.IsAllowed ? Tone.Good : ruling.IsRefused ? Tone.Bad : ruling.IsMissing ? Tone.Dim : Tone.Unknown;
        return new GridCell(WordOf(cell), tone) { Rule = showsRule ? ruling.Rule.Id : null };
    }

    private static bool IsDual(MatrixSocket socket) => socket is { V6Only: false, Address: { Family: IpFamily.IPv6, IsAny: true } };

    /// <summary>What the sockets of a setting have in common, in a few words.</summary>
    private static string TitleOf(MatrixCell cell)
    {
        var (first, second) = (cell.First, cell.Second);
        var protocol = first.Protocol == Protocol.Udp ? "UDP" : "TCP";
        var options = first.Options == second.Options
            ? first.Options == MatrixOptions.None ? "no option" : $"{MatrixWords.Spell(first.Options)} on both"
            : $"first {MatrixWords.Spell(first.Options)}, second {MatrixWords.Spell(second.Options)}";
        var state = first.State switch
        {
            PlatformState.Bound when protocol == "UDP" => "",
            PlatformState.TimeWait => ", the first in TIME_WAIT",
            var other => ", the first " + MatrixWords.Of(other),
        };
        var listens = second.Listens ? ", the second binds and listens" : "";
        var users = first.User == second.User ? first.IsRoot ? ", by root" : "" : second.IsRoot ? ", the second by root" : ", by two users";
        return $"{protocol}, {options}{state}{listens}{users}";
    }
}

/// <summary>Several grids as one picture, one below the other.</summary>
internal static class MatrixPicture
{
    /// <summary>Draws the grids one below the other, and the legend below the last.</summary>
    /// <param name="legend">Lines below the last one.</param>
    /// <param name="columns">The cells across, at most.</param>
    public static Picture Of(ImmutableArray<Grid> grids, ImmutableArray<string> legend, int columns)
    {
        var pictures = new List<Picture>(grids.Length);
        foreach (var grid in grids)
            pictures.Add(GridLayout.Of(pictures.Count == grids.Length - 1 ? grid with { Notes = [.. grid.Notes, .. legend] } : grid,
                columns));
        var picture = PictureStack.Of(pictures);
        return pictures.Count == 1 ? picture : picture with { Title = "Two sockets on one port" };
    }
}

/// <summary>Which questions a matrix asks: every first address meets every second one, once for each setting of the options.</summary>
internal sealed record MatrixPlan
{
    /// <summary>The systems, in the order in which they are shown.</summary>
    public ImmutableArray<PlatformProfile> Platforms { get; init; } = [PlatformProfiles.Linux];

    /// <summary>Linux, where it is one of them; else null.</summary>
    public LinuxProfile? Linux => Platforms.OfType<LinuxProfile>().FirstOrDefault();

    /// <summary>The sockets that are there: one of each address, with all but the options that <see cref="Settings"/> give.</summary>
    public ImmutableArray<MatrixSocket> Firsts { get; init; } = Few;

    /// <summary>
    /// The sockets that call bind() while a first one is there: one of each address, options as for <see cref="Firsts"/>.
    /// </summary>
    public ImmutableArray<MatrixSocket> Seconds { get; init; } = Few;

    /// <summary>The options of both, first and second; empty where the sockets bring their own.</summary>
    public ImmutableArray<(MatrixOptions First, MatrixOptions Second)> Settings { get; init; } =
    [
        (MatrixOptions.None, MatrixOptions.None),
        (MatrixOptions.ReuseAddress, MatrixOptions.ReuseAddress),
        (MatrixOptions.ReusePort, MatrixOptions.ReusePort),
    ];

    /// <summary>One pair of sockets: answered in sentences.</summary>
    public bool IsPair { get; init; }

    /// <summary>The addresses that people ask about: both wildcards, two specific addresses, one of IPv6.</summary>
    public static ImmutableArray<MatrixSocket> Few { get; } =
    [
        new(IpAddress.AnyIPv4), new(IpAddress.LoopbackIPv4), new(new IpAddress(IpFamily.IPv4, 0x7f000002)),
        new(IpAddress.AnyIPv6) { V6Only = false }, new(IpAddress.LoopbackIPv6),
    ];

    /// <summary>The fewest by which systems differ: two different specific addresses never meet on any.</summary>
    public static ImmutableArray<MatrixSocket> Fewest { get; } = [Few[0], Few[1], Few[3], Few[4]];

    /// <summary>All kinds of addresses: with an IPv6-only wildcard, and v4-mapped.</summary>
    public static ImmutableArray<MatrixSocket> All { get; } =
    [
        .. Few[..4], new(IpAddress.AnyIPv6) { V6Only = true }, Few[4], new(IpAddress.LoopbackIPv4.AsIPv6) { V6Only = false },
        new(IpAddress.AnyIPv4.AsIPv6) { V6Only = false },
    ];

    /// <summary>The cells of one setting on one system, row by row: the first socket's rows, the second's columns.</summary>
    public ImmutableArray<MatrixCell> CellsOf(PlatformProfile platform, int setting)
    {
        var cells = ImmutableArray.CreateBuilder<MatrixCell>(Firsts.Length * Seconds.Length);
        foreach (var first in FirstsOf(setting))
        {
            foreach (var second in SecondsOf(setting))
                cells.Add(MatrixCell.Of(platform, first, second));
        }
        return cells.ToImmutable();
    }

    public ImmutableArray<MatrixCell> CellsOf(PlatformProfile platform)
    {
        var cells = ImmutableArray.CreateBuilder<MatrixCell>();
        for (var setting = 0; setting < SettingCount; setting++)
            cells.AddRange(CellsOf(platform, setting));
        return cells.ToImmutable();
    }

    /// <summary>How many settings of options there are, 1 where the sockets bring their own.</summary>
    public int SettingCount => Math.Max(1, Settings.Length);

    private IEnumerable<MatrixSocket> FirstsOf(int setting) =>
        Settings.IsEmpty ? Firsts : Firsts.Select(socket => socket with { Options = Settings[setting].First });

    private IEnumerable<MatrixSocket> SecondsOf(int setting) =>
        Settings.IsEmpty ? Seconds : Seconds.Select(socket => socket with { Options = Settings[setting].Second });
}
