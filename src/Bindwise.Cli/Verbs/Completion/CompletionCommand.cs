using System.CommandLine;
using System.CommandLine.Completions;

namespace Bindwise.Cli.Verbs.Completion;

/// <summary><c>bindwise completion</c>: writes a script that completes command lines in a shell.</summary>
internal sealed class CompletionCommand : Verb
{
    public const string Name = "completion";
    public const string Description = "Write a completion script for bash, zsh, fish or pwsh.";

    private const string Places =
        "bash reads ~/.local/share/bash-completion/completions/bindwise, or in one session: source bindwise.bash. "
        + "zsh reads the file _bindwise in any folder of $fpath. fish reads ~/.config/fish/completions/bindwise.fish. "
        + "In PowerShell, run the script from your $PROFILE. The scripts ask bindwise for what there is now: ports in use, units, "
            + "containers.";

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

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        var given = parsed.GetValue(_shell) ?? [];
        if (UnknownOption.Among(given, Command) is { } unknown)
            return Fault(unknown);
        if (given is not [var name] || Array.Find(Shells, shell => shell.Name == name) is not { Name: not null } shell)
            return Fault(given.Length == 1 ? $"no completion for {given[0]}: give bash, zsh, fish or pwsh"
                : "name one shell: bash, zsh, fish or pwsh");
        return new ParseResult<VerbRun>((output, errors) =>
        {
            output.Write(shell.Write(CompletionTable.Of(_verbs)));
            if (output.Fault is not { } fault)
                return ExitCode.Success;
            errors.Write($"cannot write to standard output: {fault}");
            return ExitCode.Error;
        });
    }
}
