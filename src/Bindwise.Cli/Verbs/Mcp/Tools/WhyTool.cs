using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs.Mcp.Tools;

internal static class WhyTool
{
    private const string Description =
        "Explains why a port, address or UNIX socket is taken or free, and what to do: who holds it (process, project folder, container, "
            + "unit), or that only TIME_WAIT is left. Call it when a server fails with EADDRINUSE (\"address already in use\"), before "
            + "ending any process or changing the port. It changes nothing.";

    private static readonly FlagParameter Verbose = new("verbose", "All the evidence: rules, sockets, attempts, parents.");

    public static AgentTool Tool { get; } = new("why", "Why is this port taken?", Description, Call)
    {
        Parameters = [TargetParameter.Target, TargetParameter.Plain, Verbose],
        ResultSchema = DiagnosisJson.Schema,
        LooksUpNames = true,
    };

    private static ToolAnswer Call(ToolArguments arguments, ToolContext context)
    {
        var named = TargetParser.ParseAll(TargetParameter.Target.Read(arguments)!);
        if (named.Value is not { } targets)
            return ToolAnswer.Fault(named.Error!);
        var options = new TextOptions(Detail: Verbose.Read(arguments) ? Detail.Verbose : Detail.Normal);
        var answer = new ToolAnswer();
        using var inquiry = Inquiry.Open(null, portable: false);
        var asked = targets.Targets.ToList();
        for (var index = 0; index < asked.Count; index++)
        {
            var question = new PortQuery
            {
                Target = asked[index],
                Options = TargetParameter.Options(arguments),
                Verbose = options.Detail == Detail.Verbose
            };
            var diagnosis = inquiry.Ask(question, context.Cancellation);
            answer.Say(ToolText.Of(DiagnosisText.Render(diagnosis, options))).Add(bytes => DiagnosisJson.Write(bytes, diagnosis));
            if (PastedErrors.AsUdp(asked[index], diagnosis) is { } udp
                && !asked.Exists(other => (other.Text, other.Protocol) == (udp.Text, udp.Protocol)))
                asked.Insert(index + 1, udp);
        }
        return targets.LeftOut == 0 ? answer : answer.Say("The text names "
            + $"{Wording.Count(targets.LeftOut, "more address, which is", "more addresses, which are")} not answered.");
    }
}

/// <summary>What several tools ask about.</summary>
internal static class TargetParameter
{
    /// <summary>The longest target: a pasted error.</summary>
    private const int MostChars = 1024 * 1024;

    public static readonly TextParameter Target = new("target",
        "A port or address (8080, 127.0.0.1:8080, localhost:5432, 53/udp), a URL, a UNIX socket (/run/app.sock, @name), or a whole error "
            + "message that names one.", MostChars)
    { IsRequired = true };

    /// <summary>The program binds without options.</summary>
    public static readonly FlagParameter Plain = new("plain",
        "The program sets neither SO_REUSEADDR nor SO_REUSEPORT. Otherwise a TCP server is assumed to set SO_REUSEADDR, as nearly all do; "
            + "for a pasted error, the answer is for the program that wrote it.");

    public static ProgramOptions Options(ToolArguments arguments)
    {
        var isPlain = Plain.Read(arguments);
        return new ProgramOptions { ReuseAddress = isPlain ? false : null, ReusePort = isPlain ? false : null };
    }
}

/// <summary>The lines of a text answer without colours.</summary>
internal static class ToolText
{
    public static string Of(ImmutableArray<TextLine> lines) => string.Join('\n', lines.Select(static line => line.ToString()));
}
