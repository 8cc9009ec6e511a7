using System.Runtime.Versioning;
using Bindwise.Cli.Input;
using Bindwise.Linux.Events;
using Bindwise.Linux.Names;

namespace Bindwise.Cli.Verbs.Watch;

/// <summary>What <c>watch</c> was asked on the command line, understood.</summary>
internal sealed record WatchRequest
{
    /// <summary>Only these; empty for everything.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>A line an event in place of the screen.</summary>
    public bool Events { get; init; }

    /// <summary>These lines as JSON.</summary>
    public bool Json { get; init; }
}

/// <summary><c>bindwise watch</c>: its arguments and options.</summary>
internal sealed class WatchCommand : Verb
{
    public const string Name = "watch";

    public const string Description = "Watch the ports of this host: a screen, or a line per event.";

    private readonly Argument<string[]> _targets = new("TARGET")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Show only these: what bindwise why takes (8080, 127.0.0.1:8080, 53/udp, /run/app.sock). A host's name means its "
            + "port on every address.",
    };

    private readonly Flag _events = new("--events", "Print a line per event instead of the screen.");
    private readonly Flag _json = new("--json", "Print a line of JSON per event (implies --events).");

    public WatchCommand()
        : base(Name, Description) => Take(_targets, _events, _json);

    // Those of signals, keys, events and answers, and those that look at processes.
    public override int NeededThreads => 8;

    /// <inheritdoc/>
    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var targets = parsed.GetValue(_targets) ?? [];
        if (targets.Contains("-"))
            return Fault("- cannot be watched: name the port (bindwise watch 8080)");
        var read = TypedTargets.Read(targets, isFollowing: false).ToList();
        if (read.Find(static one => one.Target is null).Error is { } fault)
            return Fault(fault);
        var isJson = parsed.GetValue(_json);
        var request = new WatchRequest
        {
            Targets = [.. targets],
            Events = isJson || parsed.GetValue(_events),
            Json = isJson,
        };
        var meant = read.Select(static one => one.Target!).ToImmutableArray();
        return new ParseResult<VerbRun>((output, errors) => Watch(request, meant, output, errors));
    }

    private static ExitCode Watch(WatchRequest request, ImmutableArray<Target> targets, AnswerStream output, ErrorLines errors)
    {
        if (!OperatingSystem.IsLinux())
            return errors.Fail("bindwise watch needs Linux; bindwise ls lists the ports in use");
        targets = [.. targets.Select(WatchedNames.WithPort)];
        if (targets.FirstOrDefault(static one => one is { Port: null, Protocol: not Protocol.Unix }) is { } unknown)
            return errors.Fail($"no port is known by the name {unknown.Service ?? unknown.Text}");
        IPortEventSource source;
        try
        {
            source = PortEventSource.Open(new PortEventSourceOptions { IsBindwise = true });
        }
        catch (TableUnreadException exception)
        {
            return errors.Fail(exception.Message);
        }
        using (source)
        {
            if (request.Events || !WatchScreen.IsPossible)
            {
                using var events = new WatchEvents(request, targets, source, output, errors);
                return events.Run();
            }
            using var screen = new WatchScreen(targets, source, errors);
            return screen.Run();
        }
    }

    public override HelpPage Help =>
        new HelpPage("bindwise watch: the ports of this host as they change: who holds them, the TCP states, TIME_WAIT, failed binds.")
            .Examples(
                "bindwise watch",
                "bindwise watch 8080 5432",
                "bindwise watch --events",
                "bindwise watch --json 53/udp")
            .Usage("bindwise watch [options] [TARGET...]")
            .Parameters(Command)
            .Text("Keys: arrows or j and k select a row, Enter explains it (why), f frees it (asks; y), / filters, s sorts, space "
                + "pauses, Tab or 1 to 5 choose the view, ? helps, Esc goes back, q quits.")
            .Text("Without a terminal, or if TERM is dumb, it prints events. It only reads, except for f. Events of other users' "
                + "programs need root.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "ended by q, SIGTERM or a closed pipe"),
                (ExitCode.Error, "wrong usage, or the system failed"),
                (ExitCode.Interrupted, "interrupted"));
}

/// <summary>The ports of services by name, as <c>why</c> looks them up.</summary>
[SupportedOSPlatform("linux")]
internal static class WatchedNames
{
    /// <summary>The target with the port of the service that it names; as it is where none is known.</summary>
    public static Target WithPort(Target target) => target is { Port: null, Service: { } service }
        && ServiceNames.FindPort(service, target.Protocol) is { } port ? target with { Port = port } : target;
}
