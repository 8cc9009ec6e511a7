using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Tests.Playing;

/// <summary>Scenarios for the player.</summary>
internal static class Scenarios
{
    public static OpenStep Open { get; } = new("a", Protocol.Tcp, IpFamily.IPv4);

    public static BindStep Bind { get; } = new("a", IpAddress.LoopbackIPv4, 8000);

    public static Scenario Of(params Step[] steps) => new("s", [.. steps]);

    public static Scenario Named(string name, params Step[] steps) => new(name, [.. steps]);
}
