using System.Text.Json;
using Bindwise.Kernel.Tests.Staging;
using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Outcome = Bindwise.Model.Rules.Outcome;

namespace Bindwise.Kernel.Tests.Rules;

/// <summary>Every pair of sockets over addresses, families, options and listening or not: the model answers as this kernel does.</summary>
public sealed class PairTests
{
    private const ushort Port = 8080;

    private static readonly string[] Addresses =
        ["0.0.0.0", "127.0.0.1", "127.0.0.2", "127.0.0.6", "::", "::1", "::ffff:127.0.0.1", "::ffff:0.0.0.0"];

    private static readonly string[][] Options = [[], ["SO_REUSEADDR"], ["SO_REUSEPORT"], ["SO_REUSEADDR", "SO_REUSEPORT"]];

    private sealed record Side(string Protocol, string Address, string[] Options, bool Listen)
    {
        public override string ToString() => $"{Protocol} {Address} {string.Join(' ', Options)}{(Listen ? " listen" : "")}";
    }

    [KernelTheory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public async Task EveryPair_OnModelAndKernel_IsAnsweredAlike(string protocol)
    {
        var held = Sides(protocol, protocol == "tcp" ? [false, true] : [false]).ToList();
        var pairs = held.SelectMany(_ => Sides(protocol, [false]), static (h, w) => new[] { h, w }).ToList();
        await using var stage = await Stage.OpenAsync();

        var input = JsonSerializer.Serialize(pairs, JsonSerializerOptions.Web);
        var outcome = await stage.RunAsAsync(0, input, "python3", "-B", "-S", Programs.Script("pairs.py"));
        var kernel = JsonSerializer.Deserialize<string[]>(outcome.Output)!;

        var differing = pairs.Zip(kernel).Where(p => Model(p.First[0], p.First[1]) != p.Second)
            .Select(p => $"{p.First[0]} / {p.First[1]}: kernel {p.Second}, model {Model(p.First[0], p.First[1])}").ToList();
        Assert.Equal(pairs.Count, kernel.Length);
        Assert.True(differing.Count == 0, $"{differing.Count} of {pairs.Count} differ:\n" + string.Join('\n', differing.Take(20)));
    }

    private static IEnumerable<Side> Sides(string protocol, bool[] listens) =>
        from address in Addresses
        from options in Options
        from only in address == "::" ? new[] { false, true } : [false]
        from listen in listens
        select new Side(protocol, address, only ? [.. options, "IPV6_V6ONLY"] : options, listen);

    private static string Model(Side held, Side want)
    {
        var protocol = held.Protocol == "tcp" ? Protocol.Tcp : Protocol.Udp;
        var socket = new HeldSocket
        {
            Protocol = protocol,
            Family = Parse(held.Address).Family,
            State = held.Listen ? TcpState.Listen : protocol == Protocol.Udp ? TcpState.Close : TcpState.Bound,
            Local = new IpEndpoint(Parse(held.Address), Port),
            V6Only = held.Options.Contains("IPV6_V6ONLY") || held.Address == "::1" ? Fact.Yes : Fact.No,
            ReuseAddress = held.Options.Contains("SO_REUSEADDR") ? Fact.Yes : Fact.No,
            ReusePort = held.Options.Contains("SO_REUSEPORT") ? Fact.Yes : Fact.No,
            UserId = 0,
            Inode = 1,
        };
        var request = new BindRequest
        {
            Protocol = protocol,
            Address = Parse(want.Address),
            Port = Port,
            ReuseAddress = want.Options.Contains("SO_REUSEADDR"),
            ReusePort = want.Options.Contains("SO_REUSEPORT"),
            V6Only = want.Options.Contains("IPV6_V6ONLY") ? true : null,
        };
        var snapshot = new Snapshot { TakenAt = DateTimeOffset.UnixEpoch, Sockets = [socket] };
        var decision = BindRules.Conflicts(request, snapshot);
        return decision.Outcome switch
        {
            Outcome.Allowed => "ok",
            Outcome.Blocked => decision.Errno!,
            _ => "undetermined",
        };
    }

    private static IpAddress Parse(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);
}
