using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Rules;
using Bindwise.Model.Targets;
using Bindwise.Model.Tests.Diagnosing;

namespace Bindwise.Model.Tests.Rules;

/// <summary>VRFs, which this machine's kernel need not have: what other kernels answered (scenarios/vrf/binds.txt, eng/kernels) is what the model says.</summary>
public sealed class VrfTests
{
    private static readonly string[] Devices = ["none", "red", "blue", "d1", "d2", "d3"];

    /// <summary>The host that eng/kernels makes before it runs eng/vrf-binds.c.</summary>
    private static readonly ImmutableArray<InterfaceRecord> Links =
    [
        Link(1, "lo", 0, "127.0.0.1/8", "::1/128"),
        Link(2, "red", 2, "10.9.0.1/24", "fd09::1/64"),
        Link(3, "blue", 3),
        Link(4, "d1", 2, "10.1.0.1/24", "fd01::1/64"),
        Link(5, "d2", 3, "10.2.0.1/24", "fd02::1/64"),
        Link(6, "d3", 0, "10.3.0.1/24", "fd03::1/64"),
    ];

    [Fact]
    public void Binds_OnAHostWithVrfs_AreAnsweredAsOnTheKernel()
    {
        var rows = File.ReadAllLines(Repository.File("scenarios/vrf/binds.txt")).Where(static line => !line.StartsWith('#')).ToList();
        Assert.Equal(12 + (4 * Devices.Length), rows.Count);
        foreach (var row in rows)
        {
            var what = row[..row.LastIndexOf(": ", StringComparison.Ordinal)];
            // The holder finds the port free.
            var given = what.StartsWith("address ", StringComparison.Ordinal) ? OfAddress(what[8..]) : OfHeld(what).Prepend("ok");
            Assert.Equal(row, $"{what}: {string.Join(' ', given)}");
        }
    }

    private static IEnumerable<string> OfAddress(string address) =>
        Devices.Select(device => Answer(Hosts.With() with { Interfaces = Links }, Hosts.Request(address), device).Answer);

    private static IEnumerable<string> OfHeld(string what)
    {
        var words = what.Split(' ');
        var host = Hosts.With($"{words[0].TrimEnd(',')} 0.0.0.0 {(words[0].StartsWith("tcp", StringComparison.Ordinal) ? "LISTEN" : "BOUND")} dev{IndexOf(words[^1])}");
        host = host with { Interfaces = Links, Settings = host.Settings with { TcpL3mdevAccept = what.Contains("accept", StringComparison.Ordinal) } };
        var request = Hosts.Request("0.0.0.0") with { Protocol = host.Sockets[0].Protocol };
        return Devices.Select(device => Answer(host, request, device).Answer);
    }

    /// <summary>The rule says why they do not meet, though the one is bound to no interface.</summary>
    [Fact]
    public void Bind_BesideAListenerOfAVrf_NamesTheRule()
    {
        var host = Hosts.With("tcp 0.0.0.0 LISTEN dev2") with { Interfaces = Links };
        Assert.Equal(RuleBook.DevicesDisjoint, Answer(host, Hosts.Request("127.0.0.1"), "none").Rule);
    }

    /// <summary>Under <c>ip vrf exec</c> every socket is bound to the VRF, and so asked about; what was told by an option comes first.</summary>
    [Theory]
    [InlineData("red", null, Verdict.Blocked, "red")]
    [InlineData("red", "d3", Verdict.Free, "d3")]
    [InlineData(null, null, Verdict.Free, null)]
    public void Why_WhereNewSocketsAreBoundToAnInterface_AsksWithIt(string? own, string? told, Verdict verdict, string? device)
    {
        var host = Hosts.With("tcp 0.0.0.0 LISTEN dev2") with { Interfaces = Links };
        host = host with { Caller = host.Caller with { Device = own } };
        var diagnosis = Diagnoser.Diagnose(Hosts.PortTarget("0.0.0.0"), new ProgramOptions { Device = told }, host);
        Assert.Equal(verdict, diagnosis.Verdict);
        Assert.All(diagnosis.Attempts, attempt => Assert.Equal(device, attempt.Request.Device));
        Assert.Equal(own is not null && told is null, diagnosis.Limits.Any(static limit => limit.Id == "sockets-bound-to-device"));
        Assert.DoesNotContain(diagnosis.Remedies, static remedy => remedy.Command?.Contains("--device red", StringComparison.Ordinal) == true);
    }

    private static (string Answer, Rule Rule) Answer(Snapshot host, BindRequest request, string device)
    {
        var decision = BindRules.Decide(request with { Device = device == "none" ? null : device }, host);
        // A VRF without an address is undetermined, which none of these is.
        Assert.NotEqual(Outcome.Undetermined, decision.Outcome);
        return (decision.Errno ?? "ok", decision.Rule);
    }

    private static uint IndexOf(string device) => Links.FirstOrDefault(link => link.Name == device)?.Index ?? 0;

    private static InterfaceRecord Link(uint index, string name, uint vrf, params string[] addresses) => new()
    {
        Index = index,
        Name = name,
        VrfIndex = vrf,
        IsUp = true,
        Addresses = [.. addresses.Select(static text => new InterfaceAddress(Hosts.Address(text.Split('/')[0]), int.Parse(text.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture)))],
    };
}
