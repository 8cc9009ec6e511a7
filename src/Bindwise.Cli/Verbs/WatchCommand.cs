using System.Runtime.Versioning;
using Bindwise.Linux.Events;
using Bindwise.Linux.Names;
using Bindwise.Linux.Terminals;
using Bindwise.Model.Events;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Watching;

namespace Bindwise.Cli.Verbs;

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

    public override VerbRun Read(ParseResult parsed)
    {
        var targets = parsed.GetValue(_targets) ?? [];
        if (targets.Contains("-"))
            throw new UsageException("- cannot be watched: name the port (bindwise watch 8080)");
        var read = TypedTargets.Read(targets, isFollowing: false).ToList();
        if (read.Find(static one => one.Target is null).Error is { } fault)
            throw new UsageException(fault);
        var (isJson, hasEvents) = (parsed.GetValue(_json), parsed.GetValue(_events));
        var meant = read.Select(static one => one.Target!).ToImmutableArray();
        return (output, errors) => Watch(meant, isJson, hasEvents, output, errors);
    }

    private static ExitCode Watch(ImmutableArray<Target> targets, bool isJson, bool hasEvents, AnswerStream output, ErrorLines errors)
    {
        if (!OperatingSystem.IsLinux())
            return errors.Fail("bindwise watch needs Linux; bindwise ls lists the ports in use");
        targets = [.. targets.Select(WithPort)];
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
            if (isJson || hasEvents || !WatchScreen.IsPossible)
            {
                using var events = new WatchEvents(isJson, targets, source, output, errors);
                return events.Run();
            }
            using var screen = new WatchScreen(targets, source, errors);
            return screen.Run();
        }
    }

    // The port of the service that it names, as why looks it up; as it is where none is known.
    [SupportedOSPlatform("linux")]
    private static Target WithPort(Target target) => target is { Port: null, Service: { } service }
        && ServiceNames.FindPort(service, target.Protocol) is { } port ? target with { Port = port } : target;

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

/// <summary><c>watch --events</c>: a line an event, until a signal comes or nobody reads any more.</summary>
[SupportedOSPlatform("linux")]
internal sealed class WatchEvents(bool isJson, ImmutableArray<Target> targets, IPortEventSource source, AnswerStream output,
    ErrorLines errors) : IPortEventSink, IDisposable
{
    private readonly CancellationTokenSource _ending = new();

    // volatile: a signal's thread sets it.
    private volatile bool _isInterrupted;

    public ExitCode Run()
    {
        using var signals = Interruption.Ends(code =>
        {
            _isInterrupted |= code == ExitCode.Interrupted;
            _ending.Cancel();
        });
        foreach (var limit in source.Limits)
            errors.Write(limit);
        // Who reads the lines alone must learn it too.
        if (isJson && !source.Limits.IsEmpty)
            Write(new PortEvent { Time = DateTimeOffset.UtcNow, Kind = PortEventKind.RecorderStarted, Limits = source.Limits });
        OutputReader.CancelOnceReaderLeft(_ending);
        try
        {
            source.Run(this, _ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // As it was asked to.
        }
        catch (TableUnreadException exception)
        {
            return errors.Fail(exception.Message);
        }
        finally
        {
            _ending.Cancel();
        }
        return _isInterrupted ? ExitCode.Interrupted : ExitCode.Success;
    }

    public void Happened(PortEvent happened)
    {
        if (WatchTargets.Mean(targets, happened))
            Write(happened);
    }

    public void CensusRead(HostCensus census)
    {
        // What changed comes as events.
    }

    public void Dispose() => _ending.Dispose();

    private void Write(PortEvent happened)
    {
        if (isJson)
            output.WriteLine(line => EventJson.Write(line, happened));
        else
            output.Write(EventText.Line(happened, TimeZoneInfo.Local.GetUtcOffset(happened.Time)) + "\n");
        if (!output.IsOpen)
            _ending.Cancel();
    }
}
