using Bindwise.Rendering.Listing;

namespace Bindwise.Cli.Verbs;

internal sealed class LsCommand : Verb
{
    public const string Name = "ls";
    public const string Description = "List the ports in use: who holds them, since when, from where.";

    private readonly Argument<string[]> _filters = new("FILTER")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A port (:80, 53/udp) or a range (8000-9000); tcp, udp or unix; mine for your own; anything else is searched for in "
            + "every column. Several ports or protocols are alternatives; apart from that, every word must match. A port number alone "
            + "means bindwise why PORT.",
        CompletionSources = { "tcp", "udp", "unix", "mine" },
    };

    private readonly Flag _all =
        new("--all", "Also count connections by state and TIME_WAIT by port, and list ports that only connections use.", "-a");
    private readonly Flag _portable = new("--portable", "Use only what .NET itself can see, as on macOS and Windows: no owners.");
    private readonly Flag _json = new("--json", "Print one line of JSON per port.");
    private readonly Flag _showSecrets =
        new("--show-secrets", "Show passwords, tokens and keys on command lines (--json). Otherwise they are masked (***).");

    public LsCommand()
        : base(Name, Description) => Take(_filters, _all, _portable, _json, _showSecrets);

    public override VerbRun Read(ParseResult parsed)
    {
        var words = parsed.GetValue(_filters) ?? [];
        var filter = PortFilter.Parse(words);
        if (filter.Value is null)
            throw new UsageException(filter.Error!);
        var (isAll, isJson) = (parsed.GetValue(_all), parsed.GetValue(_json));
        var request = new PortListRequest
        {
            Filter = filter.Value,
            AllConnections = isAll,
            Portable = parsed.GetValue(_portable),
            ShowSecrets = parsed.GetValue(_showSecrets)
        };
        // Whoever asks about one port wants to know all about it. A program that reads JSON gets what it asked for.
        if (PortFilter.OnlyNumber(words) is { } port && !isAll && !isJson)
            return (output, errors) => WhyCommand.Answer(port, request.Portable, output, errors);
        return (output, errors) => new LsRun(request, words, isJson, output, errors).List();
    }

    public override HelpPage Help =>
        new HelpPage("bindwise ls: the ports in use, one line for each server: who holds it, since when, from where.")
            .Examples(
                "bindwise ls",
                "bindwise ls tcp mine",
                "bindwise ls 8000-9000",
                "bindwise ls :80 :443 nginx",
                "bindwise ls unix",
                "bindwise ls --all --json")
            .Usage("bindwise ls [options] [FILTER...]")
            .Parameters(Command)
            .Text("ADDRESS * is every address of both families. SINCE is when the process was started. CONNS counts connections without "
                + "TIME_WAIT. QUEUE is how many "
                + "connections wait for accept(), and how many may. It only reads; owners of other users' sockets need root.")
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "at least one port is listed"),
                (ExitCode.Negative, "none is"),
                (ExitCode.Error, "wrong usage, or the system failed"),
                (ExitCode.Interrupted, "interrupted"));
}

internal sealed class LsRun(PortListRequest request, IReadOnlyList<string> words, bool isJson, AnswerStream output, ErrorLines errors)
{
    public ExitCode List()
    {
        using var interruption = Interruption.EndsFirstProcess(errors);
        PortListing listing;
        try
        {
            listing = PortDiagnostics.List(request);
        }
        catch (PortQueryException exception)
        {
            return errors.Fail(exception.Message);
        }
        if (listing.Ports.IsEmpty)
        {
            // As grep(1) has it: nothing was found, and nothing failed.
            errors.Write(WhyNone(listing.MayMatch));
            return ExitCode.Negative;
        }
        Write(listing);
        // Not among the lines, which scripts read; and not once nobody reads any more.
        foreach (var note in output.IsOpen ? listing.Notes : [])
            errors.Write(note);
        return ExitCode.Success;
    }

    /// <param name="mayMatch">How many ports may have the owner that was asked for.</param>
    private string WhyNone(int mayMatch)
    {
        var filter = request.Filter;
        var isPortable = request.Portable || !OperatingSystem.IsLinux();
        var shows = request.Portable ? "--portable shows" : "the system's list shows";
        return isPortable && filter.Protocols is [Protocol.Unix, ..] && filter.Protocols.All(static one => one == Protocol.Unix)
                ? $"{shows} no UNIX sockets"
            : isPortable && filter.IsMine ? $"{shows} no owners, so it cannot tell which ports are yours"
            : words.Count == 0 ? "no port is in use"
            // A word, and a number that is no port alone, may be an owner's.
            : $"no port in use matches {string.Join(' ', words)}"
                + (isPortable && !(filter.Words.IsEmpty && filter.Numbers.IsEmpty) ? $"; {shows} no owners"
                    : mayMatch == 0 ? "" : "; " + Hidden(mayMatch));
    }

    private static string Hidden(int count) =>
        (count == 1 ? "1 port has an owner" : string.Create(CultureInfo.InvariantCulture, $"{count} ports have owners"))
        + (Environment.IsPrivilegedProcess ? " that cannot be seen from here" : " that only root may see");

    private void Write(PortListing listing)
    {
        if (isJson)
        {
            using var lines = new AnswerBlocks(output);
            PortJson.Write(lines, listing);
            return;
        }
        var terminal = Terminal.Detect();
        TextOutput.Write(output, PortTable.Render(listing, terminal.Width), terminal.IsColoured);
    }
}
