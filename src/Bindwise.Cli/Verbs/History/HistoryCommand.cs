using Bindwise.Cli.Verbs.Recording;
using Bindwise.Recording.History;

namespace Bindwise.Cli.Verbs.History;

/// <summary><c>bindwise history</c>: its arguments and options, told once for parser and help alike.</summary>
internal sealed class HistoryCommand : Verb
{
    public const string Name = "history";

    public const string Description = "Tell who held a port when, and what failed and why.";

    private readonly Argument<string[]> _targets = new("TARGET")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Only what concerns these, written as for bindwise why: 8080, 53/udp, 127.0.0.1:5432, /run/app.sock. All events "
            + "if none is given.",
    };

    private readonly MomentOption _since = new("--since",
        "Only from then on: 2026-11-24T03:12, 03:12 (the most recent one), or 90s, 5m, 2h, 3d ago.");
    private readonly MomentOption _until = new("--until", "Only until then.");
    private readonly Flag _failed = new("--failed", "Only calls that failed.");
    private readonly ValueOption _program = new("--program", "NAME", "Only of this program.");
    private readonly Flag _timeline = new("--timeline", "Draw who held each address over time, and where a call failed.");
    private readonly Flag _json = new("--json", "Print the record's own lines of JSON (bindwise.event/1).");
    private readonly StoreOption _directory = new();

    public HistoryCommand()
        : base(Name, Description) => Take(_targets, _since, _until, _failed, _program, _timeline, _json, _directory);

    /// <inheritdoc/>
    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var words = parsed.GetValue(_targets) ?? [];
        var now = DateTimeOffset.Now;
        var since = _since.Read(parsed, now, out var fault);
        var until = fault is null ? _until.Read(parsed, now, out fault, since) : null;
        var directory = fault is null ? _directory.Read(parsed, out fault) : "";
        if (fault is not null)
            return Fault(fault);
        if (parsed.GetValue(_timeline) && parsed.GetValue(_json))
            return Fault("--timeline and --json exclude each other: give one of them");
        if (since > until)
            return Fault("--since is later than --until");
        if (parsed.GetValue(_program) is "")
            return Fault("--program needs the name of a program");
        var query = new HistoryQuery
        {
            Since = since,
            Until = until,
            IsFailedOnly = parsed.GetValue(_failed),
            Program = parsed.GetValue(_program),
        };
        var form = parsed.GetValue(_json) ? HistoryForm.Json : parsed.GetValue(_timeline) ? HistoryForm.Timeline : HistoryForm.List;
        return new ParseResult<VerbRun>((output, errors) => new HistoryRun(directory, [.. words], query, form, output, errors).Tell());
    }

    public override HelpPage Help =>
        new HelpPage("bindwise history: what bindwise record has kept: who held a port when, how it changed hands, "
            + "what failed, and why.")
            .Examples(
                "bindwise history 8080",
                "bindwise history 8080 --since 03:00 --until 03:30",
                "bindwise history --failed --since 1d",
                "bindwise history 5432 --timeline",
                "bindwise history --program nginx --json | jq .summary",
                "bindwise why 8080 --at 03:12")
            .Usage("bindwise history [options] [TARGET...]")
            .Parameters(Command)
            .Text("Times are local. To read another user's record, such as the service's, use sudo.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "at least one event was printed"),
                (ExitCode.Negative, "no event matched, or there is no record"),
                (ExitCode.Error, "wrong usage, or the record cannot be read"),
                (ExitCode.Interrupted, "interrupted"));
}

internal enum HistoryForm : byte
{
    List,
    Timeline,
    Json,
}
