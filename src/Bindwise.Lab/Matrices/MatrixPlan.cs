using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Lab.Matrices;

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
