using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Listing;

namespace Bindwise.Cli.Verbs.Mcp.Tools;

internal static class LsTool
{
    private const string Description =
        "Lists the ports in use on this host with their owners: process, user, since when, project folder, container or unit, connections, "
            + "warnings. Give a filter on a busy host. It changes nothing.";

    private const int MostFilterChars = 1000;

    private static readonly TextParameter Filter = new("filter",
        "Words, each of which must match: a port (8080, 53/udp), a range (8000-9000), tcp, udp, unix, mine (your own user's), or a part of "
            + "any column (nginx, /srv/shop).", MostFilterChars);

    private static readonly FlagParameter All =
        new("all", "Also count connections by state and TIME_WAIT by port, and list ports that only connections use.");
    private static readonly NumberParameter Limit =
        new("limit", "The most ports to list; the others are counted.", 1, 500, 50) { IsWhole = true };

    public static AgentTool Tool { get; } = new("ls", "List the ports in use", Description, Call)
    {
        Parameters = [Filter, All, Limit],
        ResultSchema = PortJson.Schema,
    };

    private static ToolAnswer Call(ToolArguments arguments, ToolContext context)
    {
        var words = Filter.Read(arguments) ?? "";
        var filter = PortFilter.Parse(words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (filter.Value is null)
            return ToolAnswer.Fault(filter.Error!);
        var listing = PortDiagnostics.List(new PortListRequest { Filter = filter.Value, AllConnections = All.Read(arguments) },
            context.Cancellation);
        var count = listing.Ports.Length;
        var shown = listing with { Ports = [.. listing.Ports.Take((int)Limit.Read(arguments))] };
        var answer = new ToolAnswer();
        if (count == 0)
            answer.Say(words.Length == 0 ? "No port is in use." : $"No port in use matches {Escaper.EscapeSentence(words)}.");
        else
            answer.Say(ToolText.Of(PortTable.Render(shown, width: null)));
        foreach (var port in shown.Ports)
            answer.Add(bytes => PortJson.Write(bytes, shown with { Ports = [port] }));
        answer.Omit(count - shown.Ports.Length);
        if (answer.ResultsLeftOut > 0)
            answer.Say($"({answer.ResultsLeftOut} of {count} ports "
                + $"{(answer.ResultsLeftOut == 1 ? "is" : "are")} left out of the results: narrow the filter)");
        foreach (var note in listing.Notes)
            answer.Say(Escaper.EscapeSentence(note));
        return answer;
    }
}
