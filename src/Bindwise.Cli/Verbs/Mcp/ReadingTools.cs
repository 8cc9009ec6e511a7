using System.Runtime.Versioning;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Planning;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Listing;
using Bindwise.Rendering.Planning;

namespace Bindwise.Cli.Verbs.Mcp;

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
        foreach (var target in targets.Targets)
        {
            var question = new PortQuery
            {
                Target = target,
                Options = TargetParameter.Options(arguments),
                Verbose = options.Detail == Detail.Verbose
            };
            foreach (var (_, diagnosis) in inquiry.AskAll(question, context.Cancellation))
                answer.Say(ToolText.Of(DiagnosisText.Render(diagnosis, options))).Add(bytes => DiagnosisJson.Write(bytes, diagnosis));
        }
        return targets.LeftOut == 0 ? answer : answer.Omit(targets.LeftOut).Say("The text names "
            + $"{targets.AtLeast}{Wording.Count(targets.LeftOut, "more address, which is", "more addresses, which are")} not answered.");
    }
}

internal static class TargetParameter
{
    /// <summary>The longest target: a pasted error.</summary>
    private const int MostChars = 1024 * 1024;

    public static readonly TextParameter Target = new("target",
        "A port or address (8080, 127.0.0.1:8080, localhost:5432, 53/udp), a URL, a UNIX socket (/run/app.sock, @name), or a whole error "
            + "message that names one.", MostChars)
    { IsRequired = true };

    public static readonly FlagParameter Plain = new("plain",
        "The program sets neither SO_REUSEADDR nor SO_REUSEPORT. Otherwise a TCP server is assumed to set SO_REUSEADDR, as nearly all do; "
            + "for a pasted error, the answer is for the program that wrote it.");

    public static ProgramOptions Options(ToolArguments arguments)
    {
        var isPlain = Plain.Read(arguments);
        return new ProgramOptions { ReuseAddress = isPlain ? false : null, ReusePort = isPlain ? false : null };
    }
}

internal static class ToolText
{
    public static string Of(ImmutableArray<TextLine> lines) => string.Join('\n', lines.Select(static line => line.ToString()));
}

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

/// <summary><c>wait</c> for agents: always with a timeout, and without connecting anywhere.</summary>
internal static class WaitTool
{
    private const string Description =
        "Waits until a port is free, until something listens on it, or until nothing does; for instance after a server was started, or "
            + "while TIME_WAIT runs out. "
        + "It ends at the timeout, which is no error: the answer says whether the state came. It changes nothing.";

    private const double MostSeconds = 600;

    /// <summary>Between two notices of where it stands.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private static readonly ChoiceParameter Until = new("until",
        "free: it can be bound. listening: something listens on it and takes connections. closed: nothing listens on it, though TIME_WAIT "
            + "may still keep the port.",
        [.. WaitOutcomes.Conditions.Select(static one => one.Name)]);

    private static readonly NumberParameter Timeout = new("timeout_seconds", "When to give up.", 0.1, MostSeconds, 60);

    public static AgentTool Tool { get; } = new("wait", "Wait for a port", Description, Call)
    {
        Parameters = [TargetParameter.Target, Until, Timeout, TargetParameter.Plain],
        ResultSchema = WaitJson.Schema,
        LooksUpNames = true,
        Waits = true,
    };

    private static ToolAnswer Call(ToolArguments arguments, ToolContext context)
    {
        var named = TargetParser.ParseAll(TargetParameter.Target.Read(arguments)!);
        if (named.Value is not { } targets)
            return ToolAnswer.Fault(named.Error!);
        var name = Until.Read(arguments);
        var until = Array.Find(WaitOutcomes.Conditions, one => one.Name == name).Condition;
        var timeout = TimeSpan.FromSeconds(Timeout.Read(arguments));
        var request = new WaitRequest
        {
            Queries = [.. targets.Targets.Select(
                target => new PortQuery { Target = target, Options = TargetParameter.Options(arguments) })],
            Until = until,
            Timeout = timeout,
        };
        var report = new PortWaiter(request, context.Progress is null ? null : Notices(context.Progress, until, timeout),
            context.Cancellation).Run();
        var answer = new ToolAnswer();
        foreach (var outcome in report.Targets.Select(target => WaitOutcomes.Of(target, until, report.Waited)))
        {
            answer.Say(Escaper.EscapeSentence(outcome.IsMet ? WaitText.Met(outcome) : WaitText.TimedOut(outcome, others: 0)));
            answer.Add(bytes => WaitJson.Write(bytes, outcome));
        }
        return answer;
    }

    private static Action<WaitProgress> Notices(Action<double, double, string> notify, WaitCondition until, TimeSpan timeout)
    {
        var next = TimeSpan.Zero;
        return progress =>
        {
            if (progress.Elapsed < next)
                return;
            next = progress.Elapsed + Pace;
            var open = progress.Targets.Where(static one => one.MetAfter is null).ToList();
            var first = WaitOutcomes.Of(open[0], until, progress.Elapsed);
            notify(progress.Elapsed.TotalSeconds, timeout.TotalSeconds, Escaper.EscapeSentence(WaitText.Sentence(first, open.Count - 1)));
        };
    }
}

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
    private static readonly TextParameter Range = new("range", "Only these ports, as 8000-8999, and the preferred one.", MostRangeChars);
    private static readonly FlagParameter Udp = new("udp", "Free for UDP too.");
    private static readonly NumberParameter Lease = new("lease_seconds", "How long no other pick gets them.", 0, 3600, 60);

    public static AgentTool Tool { get; } = new("pick", "Pick free ports", Description, Call)
    {
        KeepsPorts = true,
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

internal static class PlanTool
{
    private const string Description =
        "Says which ports of a project's files collide, by which rule, with file and line, before anything runs: compose files, systemd "
            + "units, Procfile, package.json, .env, launchSettings.json, appsettings.json, nginx, haproxy, Kubernetes, devcontainer.json. "
            + "Call it after you changed a port in such a file. It only reads.";

    private const int MostPathChars = 4096;
    private const int MostRemarks = 8;

    private static readonly TextParameter Location =
        new("path", "A file, or a folder to search; without it the folder in which this server was started.", MostPathChars);
    private static readonly FlagParameter Here = new("here", "Also compare with what listens on this host now.");

    public static AgentTool Tool { get; } = new("plan", "Check files for port conflicts", Description, Call)
    {
        Parameters = [Location, Here],
        ResultSchema = PlanJson.Schema,
    };

    private static ToolAnswer Call(ToolArguments arguments, ToolContext context)
    {
        var path = Location.Read(arguments) ?? ".";
        var folder = new PlanFolder();
        if (path.Contains('\0', StringComparison.Ordinal) || path == PlanFolder.InputName || !(File.Exists(path) || Directory.Exists(path)))
            return ToolAnswer.Fault($"{path}: no such file or folder");
        var input = PlanReader.Read(Directory.Exists(path) ? folder.AddFolder(path) : [folder.AddFile(path, null)], folder);
        context.Cancellation.ThrowIfCancellationRequested();
        if (input.Sources.IsEmpty)
        {
            return ToolAnswer.Fault(string.Join("; ", input.Remarks.Take(MostRemarks)
                .Select(static remark => $"{remark.Location}: {remark.Text}")
                .Prepend($"no file that names ports was found in {(path == "." ? "this folder" : path)}")));
        }
        var (plan, settings) =
            PlanCheck.Of(input, null, Here.Read(arguments) ? PlanCheck.List(input, context.Cancellation) : null,
                used: () => PlanCheck.TryList(input, cancellationToken: context.Cancellation));
        var answer = new ToolAnswer();
        if (PlanCheck.WhyNotAll(input, plan) is { } why)
            answer.Say(Escaper.EscapeSentence(Wording.Sentence(why) + "."));
        answer.Say(ToolText.Of(PlanText.Render(plan, settings, new TextOptions())))
            .Add(bytes => PlanJson.Write(bytes, plan, settings));
        return folder.IsCut ? answer.Say(
            Escaper.EscapeSentence($"{path} holds more files than are read: name the files or folders that matter.")) : answer;
    }
}
