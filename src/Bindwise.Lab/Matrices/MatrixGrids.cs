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
    public static ImmutableArray<Grid> Of(MatrixPlan plan, PlatformProfile platform, bool showsRules) =>
    [
        .. Enumerable.Range(0, plan.SettingCount).Select(setting => plan.CellsOf(platform, setting)).Select(cells => new Grid(
            $"{platform.Name}: {TitleOf(cells[0])}", "first, then",
            [.. cells.Take(plan.Seconds.Length).Select(static cell => cell.Second.Place)],
            [
                .. cells.Chunk(plan.Seconds.Length)
                    .Select(row => new GridRow(row[0].First.Place, [.. row.Select(cell => CellOf(cell, showsRules))])),
            ])),
    ];

    /// <summary>The grids that compare systems: a row for each pair of addresses.</summary>
    /// <param name="plan">The plan, with two systems or more.</param>
    /// <param name="isWhole">Every row; else those alone in which the systems differ.</param>
    public static ImmutableArray<Grid> Compare(MatrixPlan plan, bool isWhole)
    {
        var grids = ImmutableArray.CreateBuilder<Grid>();
        for (var setting = 0; setting < plan.SettingCount; setting++)
        {
            var columns = plan.Platforms.Select(platform => plan.CellsOf(platform, setting)).ToList();
            var rows = columns[0].Select((_, index) => columns.ConvertAll(column => column[index]))
                .Where(cells => isWhole || Differ(cells)).Select(static cells => new GridRow(
                    $"{cells[0].First.Place}, {cells[0].Second.Place}", [.. cells.Select(static cell => CellOf(cell, showsRule: false))]))
                .ToImmutableArray();
            var alike = columns[0].Length - rows.Length;
            var missing = plan.Platforms.Where((_, index) => columns[index].Any(static cell => cell.Ruling.IsMissing))
                .Select(static platform => platform.Name).ToList();
            var whyNot = $"{string.Join(" and ", missing)} {(missing.Count == 1 ? "has" : "have")} no such option";
            var agree = missing.Count == 0 ? "they all agree"
                : plan.Platforms.Length - missing.Count < 2 ? $"{whyNot}, which leaves nothing to compare"
                : $"{whyNot}, and the others agree";
            var everywhere = missing.Count == 0 ? " in every cell" : "";
            grids.Add(new Grid(TitleOf(columns[0][0]), "first, second", [.. plan.Platforms.Select(static platform => platform.Name)], rows)
            {
                Notes = rows.IsEmpty ? [$"{char.ToUpperInvariant(agree[0])}{agree[1..]}{everywhere}; --whole shows them."]
                    : alike == 0 ? [] : [$"{alike} of {columns[0].Length} pairs {(alike == 1 ? "is" : "are")} left out: there {agree}."],
            });
        }
        return grids.ToImmutable();
    }

    /// <summary>The words of the cells, and what they mean, as far as they occur.</summary>
    public static ImmutableArray<string> Legend(IEnumerable<MatrixCell> cells)
    {
        var seen = cells.ToLookup(WordOf);
        var all = seen.SelectMany(static group => group).ToList();
        var hasWindows = all.Exists(static cell => cell.Platform is WindowsProfile);
        var hasDual = all.Exists(static cell => IsDual(cell.First) || IsDual(cell.Second));
        var either = seen["either"].Select(static cell => $"{cell.Ruling.Text} ({cell.Ruling.Rule.Id})").Distinct()
            .Order(StringComparer.Ordinal);
        (string Word, string Meaning)[] words =
        [
            ("in use", $"EADDRINUSE{(hasWindows ? " (Windows: WSAEADDRINUSE)" : "")}"),
            ("denied", $"EACCES{(hasWindows ? " (Windows: WSAEACCES)" : "")}"),
            ("no listen", "bind() succeeds, listen() is refused"),
            ("either", "the documentation allows both, " + string.Join("; ", either)),
            ("unknown", "no source that we read says"),
            ("n/a", "this system lacks an option of one of the sockets"),
        ];
        return
        [
            .. hasDual ? ["[::]: dual-stack, IPV6_V6ONLY is off"] : Array.Empty<string>(),
            .. words.Where(word => seen.Contains(word.Word)).Select(static word => $"{word.Word}: {word.Meaning}"),
        ];
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
    private static bool Differ(List<MatrixCell> cells) =>
        cells.Where(static cell => !cell.Ruling.IsMissing).Select(WordOf).Distinct().Count() > 1;

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

internal static class MatrixPicture
{
    /// <summary>Draws the grids one below the other, and the legend below the last.</summary>
    public static Picture Of(ImmutableArray<Grid> grids, ImmutableArray<string> legend, int columns)
    {
        ImmutableArray<Grid> all = [.. grids[..^1], grids[^1] with { Notes = [.. grids[^1].Notes, .. legend] }];
        var picture = PictureStack.Of([.. all.Select(grid => GridLayout.Of(grid, columns))]);
        return all.Length == 1 ? picture : picture with { Title = "Two sockets on one port" };
    }
}

/// <summary>Which questions a matrix asks: every first address meets every second one, once for each setting of the options.</summary>
internal sealed record MatrixPlan
{
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
    public ImmutableArray<MatrixCell> CellsOf(PlatformProfile platform, int setting) =>
        [.. FirstsOf(setting).SelectMany(first => SecondsOf(setting).Select(second => MatrixCell.Of(platform, first, second)))];

    public ImmutableArray<MatrixCell> CellsOf(PlatformProfile platform) =>
        [.. Enumerable.Range(0, SettingCount).SelectMany(setting => CellsOf(platform, setting))];

    /// <summary>How many settings of options there are, 1 where the sockets bring their own.</summary>
    public int SettingCount => Math.Max(1, Settings.Length);

    private IEnumerable<MatrixSocket> FirstsOf(int setting) =>
        Settings.IsEmpty ? Firsts : Firsts.Select(socket => socket with { Options = Settings[setting].First });

    private IEnumerable<MatrixSocket> SecondsOf(int setting) =>
        Settings.IsEmpty ? Seconds : Seconds.Select(socket => socket with { Options = Settings[setting].Second });
}
