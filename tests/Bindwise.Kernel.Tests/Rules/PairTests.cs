using System.Text.Json;
using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Simulation;

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
        await using var host = await TestHost.OpenAsync();

        var input = JsonSerializer.Serialize(pairs, JsonSerializerOptions.Web);
        var outcome = await host.RunAsAsync(0, input, "python3", "-B", "-S", Programs.Script("pairs.py"));
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
        using var host = new SimulatedHost();
        Assert.Equal(StepResult.Ok, Play(host, "held", held));
        return Play(host, "want", want);
    }

    private static string Play(SimulatedHost host, string name, Side side)
    {
        var protocol = side.Protocol == "tcp" ? Protocol.Tcp : Protocol.Udp;
        List<Step> steps = [new OpenStep(name, protocol, Parse(side.Address).Family)];
        steps.AddRange(side.Options.Select(option => new SetStep(name, SocketOptionNames.TryParse(option, out var known) ? known : default, OptionValue.Flag(true))));
        steps.Add(new BindStep(name, Parse(side.Address), Port));
        if (side.Listen)
            steps.Add(new ListenStep(name));
        return steps.Select(step => host.Play(step).Result).FirstOrDefault(static result => result != StepResult.Ok) ?? StepResult.Ok;
    }

    private static IpAddress Parse(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);
}
