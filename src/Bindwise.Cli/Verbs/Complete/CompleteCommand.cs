using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.Verbs.Complete;

/// <summary>
/// <c>bindwise complete</c>: what the completion scripts ask while somebody waits for the Tab key. It says nothing that went wrong, and
/// ends in time.
/// </summary>
internal sealed class CompleteCommand : Verb
{
    public const string Name = "complete";
    public const string Description = "List ports in use, units or containers, for completion scripts.";

    /// <summary>Who waits longer than 300 ms thinks that the shell hangs: so long for all of it…</summary>
    private static readonly TimeSpan FirstDeadline = TimeSpan.FromMilliseconds(200);

    /// <summary>… and so long for the ports alone, where an owner holds up whoever looks at it.</summary>
    private static readonly TimeSpan SecondDeadline = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest description, in characters as shown.</summary>
    private const int MostChars = 60;

    private readonly Argument<string[]> _kind = new("KIND")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "ports, units or containers.",
    };

    public CompleteCommand() : base(Name, Description) => Take(_kind);

    public override HelpPage Help =>
        new HelpPage("bindwise complete: list what there is now, a line each, with a tab before what is said about it; for completion "
            + "scripts.")
            .Examples("bindwise complete ports", "bindwise complete units")
            .Usage("bindwise complete KIND")
            .Parameters(Command)
            .ExitCodes("Exit codes:", (ExitCode.Success, "always: what cannot be read in time is left out"),
                (ExitCode.Error, "wrong usage"));

    /// <summary>The word by which a script asks; empty for what nobody asks for.</summary>
    public static string WordOf(LiveValue live) => live switch
    {
        LiveValue.Ports => "ports",
        LiveValue.Units => "units",
        LiveValue.Containers => "containers",
        _ => "",
    };

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var given = parsed.GetValue(_kind) ?? [];
        if (given is not [{ Length: > 0 } word]
            || Enum.GetValues<LiveValue>().FirstOrDefault(live => WordOf(live) == word) is not (not LiveValue.None and var live))
            return Fault("name one kind: ports, units or containers");
        return new ParseResult<VerbRun>((output, _) =>
        {
            var text = InTime(FirstDeadline, () => live switch
            {
                LiveValue.Ports => NamesInUse.Ports(withOwners: true),
                LiveValue.Units => NamesInUse.Units(),
                _ => NamesInUse.Containers(),
            });
            output.Write(text ?? (live == LiveValue.Ports ? InTime(SecondDeadline, static () => NamesInUse.Ports(withOwners: false)) : null)
                ?? "");
            return ExitCode.Success;
        });
    }

    // What does not end in time ends with the process; null then.
    private static string? InTime(TimeSpan deadline, Func<IEnumerable<NameInUse>> names)
    {
        string? text = null;
        var reader = new Thread(() => text = Try(names)) { IsBackground = true, Name = "bindwise complete" };
        reader.Start();
        return reader.Join(deadline) ? text : null;
    }

    private static string Try(Func<IEnumerable<NameInUse>> names)
    {
        try
        {
            return string.Concat(names().Where(static one => IsPlain(one.Value)).DistinctBy(static one => one.Value)
                .Select(static one => $"{one.Value}\t{Escaper.Escape(one.About, MostChars)}\n"));
        }
        catch (Exception exception) when (exception is PortQueryException or IOException or UnauthorizedAccessException
            or InvalidOperationException)
        {
            // Nobody reads a fault while completing; whoever runs the line then is told.
            return "";
        }
    }

    // A shell would split, expand or take for an option any other.
    private static bool IsPlain(string value) => value is [not '-', ..]
        && value.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/' or '@' or ':');
}
