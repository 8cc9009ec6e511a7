using System.CommandLine.Completions;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.Verbs;

/// <summary><c>bindwise completion</c>: writes a script that completes command lines in a shell.</summary>
internal sealed class CompletionCommand : Verb
{
    public const string Name = "completion";
    public const string Description = "Write a completion script for bash, zsh, fish or pwsh.";

    private const string Places =
        "bash reads ~/.local/share/bash-completion/completions/bindwise, or in one session: source bindwise.bash. zsh reads the file "
        + "_bindwise in any folder of $fpath. fish reads ~/.config/fish/completions/bindwise.fish. In PowerShell, run the script from your "
        + "$PROFILE. The scripts ask bindwise for what there is now: ports in use, units, containers.";

    private static readonly (string Name, Func<CompletionTable, string> Write)[] Shells =
        [("bash", BashCompletion.Write), ("zsh", ZshCompletion.Write), ("fish", FishCompletion.Write),
            ("pwsh", PowerShellCompletion.Write)];

    private readonly Argument<string[]> _shell = new("SHELL")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "bash, zsh, fish or pwsh (PowerShell).",
        CompletionSources = { static _ => Shells.Select(static shell => new CompletionItem(shell.Name)) },
    };

    private readonly IReadOnlyList<VerbEntry> _verbs;

    public CompletionCommand(IReadOnlyList<VerbEntry> verbs)
        : base(Name, Description)
    {
        _verbs = verbs;
        Take(_shell);
    }

    public override HelpPage Help =>
        new HelpPage("bindwise completion: write a script that completes verbs, options and their values when you press Tab.")
            .Examples(
                "bindwise completion bash > bindwise.bash",
                "bindwise completion zsh > _bindwise",
                "bindwise completion fish > bindwise.fish",
                "bindwise completion pwsh > bindwise.ps1")
            .Usage("bindwise completion SHELL")
            .Parameters(Command)
            .Text(Places)
            .ExitCodes("Exit codes:", (ExitCode.Success, "written"), (ExitCode.Error, "wrong usage, or the system failed"),
                (ExitCode.Interrupted, "interrupted"));

    public override VerbRun Read(ParseResult parsed)
    {
        var given = parsed.GetValue(_shell) ?? [];
        if (given is not [var name] || Array.Find(Shells, shell => shell.Name == name) is not { Name: not null } shell)
            throw new UsageException(given.Length == 1 ? $"no completion for {given[0]}: give bash, zsh, fish or pwsh"
                : "name one shell: bash, zsh, fish or pwsh");
        return (output, _) => output.Show(shell.Write(CompletionTable.Of(_verbs)));
    }
}

/// <summary>What can stand where on a command line, from the definitions that the parser has.</summary>
/// <param name="Places">The places: the program alone, and each verb.</param>
internal sealed record CompletionTable(IReadOnlyList<CompletionPlace> Places)
{
    public static CompletionTable Of(IReadOnlyList<VerbEntry> verbs)
    {
        var listed = verbs.Where(static entry => !entry.IsHidden).ToList();
        var all = listed.Select(static entry => entry.Create()).ToList();
        // A command line without a verb is one of why.
        var usual = all.First(static verb => verb.Command.Name == WhyCommand.Name);
        var root = PlaceOf("", usual) with
        {
            TakesFiles = false,
            Verbs = [.. listed.Select(static entry => (entry.Name, entry.Description)), (HelpVerb.Name, "Show the help of a verb.")],
        };
        root = root with { Options = [.. root.Options, new CompletionOption(["--version", "-V"], "Show the version.", null)] };
        return new CompletionTable([root, .. all.SelectMany(verb => PlacesOf(verb, verb.Command.Name))]);
    }

    private static IEnumerable<CompletionPlace> PlacesOf(Verb verb, string path) =>
        verb.Verbs.SelectMany(below => PlacesOf(below, $"{path} {below.Command.Name}")).Prepend(PlaceOf(path, verb));

    private static CompletionPlace PlaceOf(string path, Verb verb)
    {
        var arguments = verb.Command.Arguments.Where(static argument => !argument.Hidden).ToList();
        return new CompletionPlace(path)
        {
            Verbs = [.. verb.Verbs.Select(static below => (below.Command.Name, below.Command.Description ?? ""))],
            Options = [.. verb.Command.Options.Append(ColourOption.Instance).Select(OptionOf)],
            Words = [.. arguments.SelectMany(static argument => WordsOf(argument.CompletionSources))],
            // A target may be a UNIX path.
            TakesFiles = arguments.Exists(
                static argument => argument.Name is "TARGET" || argument.Name.Contains("FILE", StringComparison.Ordinal)),
            Live = arguments.Exists(static argument => argument.Name is "TARGET" or "FILTER") ? LiveValue.Ports : LiveValue.None,
        };
    }

    private static CompletionOption OptionOf(Option option) => new(
        [option.Name, .. option.Aliases],
        option.Description ?? "",
        option.HelpName is null ? null : new CompletionValue([.. WordsOf(option.CompletionSources)], option.HelpName is "FILE",
            option.HelpName is "DIR", (option as ValueOption)?.Live ?? LiveValue.None));

    // A shell would split or expand any other.
    private static IEnumerable<string> WordsOf(List<Func<CompletionContext, IEnumerable<CompletionItem>>> sources) =>
        sources.SelectMany(static source => source(CompletionContext.Empty)).Select(static item => item.Label)
            .Where(static word => word.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')).Distinct();
}

/// <param name="Path">The verbs before it, as <c>lab run</c>; empty for none.</param>
internal sealed record CompletionPlace(string Path)
{
    public IReadOnlyList<(string Name, string Description)> Verbs { get; init; } = [];
    public IReadOnlyList<CompletionOption> Options { get; init; } = [];
    public IReadOnlyList<string> Words { get; init; } = [];
    public bool TakesFiles { get; init; }
    public LiveValue Live { get; init; }
}

internal sealed record CompletionOption(IReadOnlyList<string> Names, string Description, CompletionValue? Value);

internal sealed record CompletionValue(IReadOnlyList<string> Words, bool IsFile, bool IsFolder, LiveValue Live);

/// <summary>The script for PowerShell (pwsh). Where it gives nothing, PowerShell completes paths.</summary>
internal static class PowerShellCompletion
{
    private const string Begin =
        """
        # PowerShell completion for bindwise: bindwise completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName 'bindwise' -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            # By the verbs before it, what may stand there: verbs and options with what they do, words, and what of this host.
            $places = @{

        """;

    private const string End =
        """
            }
            $program = $commandAst.CommandElements[0].ToString()
            $place = ''
            $known = $false
            $skip = $false
            $helping = $false
            $before = ''
            foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
                if ($element.Extent.EndOffset -ge $cursorPosition) { break }
                $word = $element.ToString()
                $before = $word
                if ($skip) { $skip = $false; continue }
                if ($word -ceq '--color') { $skip = $true; continue }
                # A command of your own follows.
                if ($word -ceq '--') { return }
                if ($word.StartsWith('-')) { continue }
                if ($place -eq '' -and -not $helping -and $word -ceq 'help') { $helping = $true; continue }
                if ($known) { continue }
                $next = "$place $word".Trim()
                if ($places.ContainsKey($next)) { $place = $next }
                else {
                    if ($place -eq '') { $place = 'why' }
                    $known = $true
                }
            }
            $current = $wordToComplete
            $prefix = ''
            if ($current -match '^(--[^=]+)=(.*)$') {
                $before = $Matches[1]
                $current = $Matches[2]
                $prefix = "$before="
            }
            $here = $places[$place]
            $found = @()
            $live = ''
            $option = $here.Options | Where-Object { $_.Names -ccontains $before -and $_.Value } | Select-Object -First 1
            if ($option -and -not $helping) {
                $found = @($option.Words | ForEach-Object { @{ Name = $_; About = $_ } })
                $live = $option.Live
            } elseif ($helping) {
                $found = @($here.Verbs)
            } elseif ($current.StartsWith('-')) {
                $found = @($here.Options | ForEach-Object {
                    $about = $_.About
                    $_.Names | ForEach-Object { @{ Name = $_; About = $about } }
                })
            } else {
                $found = @($here.Verbs) + @($here.Words | ForEach-Object { @{ Name = $_; About = $_ } })
                # In the place of a verb a port is offered only once a digit was typed.
                if ($place -ne '' -or $current -match '^[0-9]') { $live = $here.Live }
            }
            if ($live) {
                $found = @(& $program complete $live 2>$null | ForEach-Object {
                    $parts = $_ -split "`t", 2
                    @{ Name = $parts[0]; About = $parts[1] }
                }) + $found
            }
            $found | Where-Object { $_.Name.StartsWith($current, [System.StringComparison]::Ordinal) } | ForEach-Object {
                # A result without a tooltip is an error.
                $about = if ($_.About) { $_.About } else { $_.Name }
                [System.Management.Automation.CompletionResult]::new($prefix + $_.Name, $_.Name, 'ParameterValue', $about)
            }
        }

        """;

    // What PowerShell takes for the end of a text in single quotes.
    private const string Quotes = "'\u2018\u2019\u201A\u201B";

    public static string Write(CompletionTable table)
    {
        var text = new StringBuilder(Begin);
        foreach (var place in table.Places)
        {
            Add(text, 8, $"{Quote(place.Path)} = @{{");
            Add(text, 12, $"Live = {Quote(CompleteCommand.WordOf(place.Live))}");
            Add(text, 12, $"Words = @({List(place.Words)})");
            Add(text, 12, "Verbs = @(");
            foreach (var (name, description) in place.Verbs)
                Add(text, 16, $"@{{ Name = {Quote(name)}; About = {Quote(description)} }}");
            Add(text, 12, ")");
            Add(text, 12, "Options = @(");
            foreach (var option in place.Options)
                Add(text, 16, $"@{{ Names = @({List(option.Names)}); Value = {(option.Value is null ? "$false" : "$true")}; Words = @("
                    + $"{List(option.Value?.Words ?? [])}); Live = {Quote(CompleteCommand.WordOf(option.Value?.Live ?? LiveValue.None))}; "
                    + $"About = {Quote(option.Description)} }}");
            Add(text, 12, ")");
            Add(text, 8, "}");
        }
        return text.Append(End).ToString();
    }

    private static string List(IEnumerable<string> words) => string.Join(", ", words.Select(Quote));

    private static string Quote(string text) => "'" + string.Concat(text.Select(static letter =>
        Quotes.Contains(letter, StringComparison.Ordinal) ? $"{letter}{letter}" : letter.ToString(CultureInfo.InvariantCulture))) + "'";

    private static void Add(StringBuilder text, int margin, string line) => text.Append(' ', margin).Append(line).Append('\n');
}

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

    private const int MostChars = 60;

    private readonly Argument<string[]> _kind = new("KIND")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "ports, units or containers.",
    };

    public CompleteCommand() : base(Name, Description) => Take(_kind);

    public override HelpPage Help =>
        new HelpPage("bindwise complete: list what there is now, one per line: the name, a tab, a description; for completion "
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

    public override VerbRun Read(ParseResult parsed)
    {
        var given = parsed.GetValue(_kind) ?? [];
        if (given is not [{ Length: > 0 } word]
            || Enum.GetValues<LiveValue>().FirstOrDefault(live => WordOf(live) == word) is not (not LiveValue.None and var live))
            throw new UsageException("name one kind: ports, units or containers");
        return (output, _) =>
        {
            var text = InTime(FirstDeadline, () => live switch
            {
                LiveValue.Ports => NamesInUse.Ports(withOwners: true),
                LiveValue.Units => NamesInUse.Units(),
                _ => NamesInUse.Containers(),
            });
            return output.Show(text
                ?? (live == LiveValue.Ports ? InTime(SecondDeadline, static () => NamesInUse.Ports(withOwners: false)) : null) ?? "");
        };
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
