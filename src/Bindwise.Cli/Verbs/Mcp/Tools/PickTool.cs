using System.Runtime.Versioning;
using Bindwise.Cli.Verbs.Pick;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs.Mcp.Tools;

/// <summary><c>pick</c> for agents. The leases are this process's own, and end with it.</summary>
[SupportedOSPlatform("linux")]
internal static class PickTool
{
    private const string Description =
        "Picks ports on which a server can be started now: free on every address of IPv4 and IPv6, with no TIME_WAIT, none that browsers "
            + "block, and none that another pick has. "
        + "Start the server soon: other picks are kept away for lease_seconds, any other program is not.";

    /// <summary>For agents fewer than the library's: each lease is a descriptor of this process.</summary>
    private const int MostPorts = 50;

    private const int MostRangeChars = 11;

    private static readonly NumberParameter Count = new("count", "How many: all of them, or none.", 1, MostPorts, 1) { IsWhole = true };
    private static readonly NumberParameter Prefer =
        new("prefer", "This port if it can be had, else another.", 1, ushort.MaxValue) { IsWhole = true };
    private static readonly NumberParameter Near = new("near", "The ports nearest to this one.", 1, ushort.MaxValue) { IsWhole = true };
    private static readonly TextParameter Range = new("range", "Only these ports, as 8000-8999.", MostRangeChars);
    private static readonly FlagParameter Udp = new("udp", "Free for UDP too.");
    private static readonly NumberParameter Lease = new("lease_seconds", "How long no other pick gets them.", 0, 3600, 60);

    public static AgentTool Tool { get; } = new("pick", "Pick free ports", Description, Call)
    {
        Parameters = [Count, Prefer, Near, Range, Udp, Lease],
        ResultSchema = PickJson.Schema,
    };

    private static ToolAnswer Call(ToolArguments arguments, ToolContext context)
    {
        var range = Range.Read(arguments);
        var span = range is null ? null : PickCommand.RangeOf(range);
        if (range is not null && span is null)
            return ToolAnswer.Fault(
                $"range {Escaper.Escape(range)} is not a range of ports: give the first and the last, as in 8000-8999, within 1-65535");
        var lease = TimeSpan.FromSeconds(Lease.Read(arguments));
        var isUdp = Udp.Read(arguments);
        var request = new PortPickRequest
        {
            Count = (int)Count.Read(arguments),
            Range = span,
            Near = (int?)Near.Find(arguments),
            Prefer = (int?)Prefer.Find(arguments),
            Udp = isUdp,
            Lease = lease,
        };
        try
        {
            // Disposed of by its own timer, or with the process.
            var picked = PortPicker.Pick(request, context.Cancellation);
            var answer = new ToolAnswer().Say(
                string.Join('\n', picked.Ports.Select(static one => one.Number.ToString(CultureInfo.InvariantCulture))));
            foreach (var port in picked.Ports)
                answer.Add(bytes => PickJson.Write(bytes, new PickOutcome(port.Number,
                    isUdp ? [Protocol.Tcp, Protocol.Udp] : [Protocol.Tcp], null, port.IsEphemeral, lease, null)));
            return answer;
        }
        catch (Exception exception) when (exception is PortPickException or IOException)
        {
            return ToolAnswer.Fault(exception.Message);
        }
    }
}
