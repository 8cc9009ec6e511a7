using System.CommandLine.Completions;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

internal sealed class LabListCommand : Verb
{
    private readonly ValueOption _from = new("--from", "DIR", "List the claims in this folder instead of the built-in ones.");
    private readonly Flag _json = new("--json", "Print one line of JSON per claim and program.");

    public LabListCommand() : base("list", "List what articles claim, with the known verdicts.") => Take(_from, _json);

    public override HelpPage Help =>
        new HelpPage("bindwise lab list: list what articles claim about \"Address already in use\", with the known verdicts.")
            .Examples("bindwise lab list", "bindwise lab list --json")
            .Usage("bindwise lab list [options]")
            .Parameters(Command)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "listed"),
                (ExitCode.Error, "wrong usage, or a claim has a mistake"),
                (ExitCode.Interrupted, "interrupted"));

    public override VerbRun Read(ParseResult parsed)
    {
        if (parsed.GetValue(_from) is "")
            throw new UsageException("--from needs the name of a folder: --from DIR");
        var (folder, isJson) = (parsed.GetValue(_from), parsed.GetValue(_json));
        return (output, errors) => new LabList(folder, isJson, output, errors).Show();
    }
}

internal sealed class LabList(string? folder, bool isJson, AnswerStream output, ErrorLines errors)
{
    /// <summary>Shows the list, and gives the exit code: a file with a fault does not keep the others from it.</summary>
    public ExitCode Show()
    {
        var store = new ClaimStore(folder);
        var code = ExitCode.Success;
        var claims = new List<Claim>();
        var ids = store.Ids(out var none);
        if (none is not null)
            return errors.Fail(none);
        foreach (var id in ids)
        {
            var found = store.Find(id);
            if (found.Claim is { } claim)
                claims.Add(claim);
            foreach (var line in found.Faults)
                code = errors.Fail(line);
        }
        var release = ProofSystems.Release();
        var programs = folder is null ? ScenarioCatalogue.Programs.Select(
            static name => new ListedProgram(name, ListedProgram.TitleOf(ScenarioCatalogue.ProgramText(name)!))).ToList() : [];
        if (isJson)
            Write(claims, programs, release);
        else
        {
            var terminal = Terminal.Detect();
            output.Write(ClaimListText.Render(claims, programs, release, terminal.Width ?? ScenarioResultText.DefaultWidth), terminal);
        }
        return code;
    }

    private void Write(List<Claim> claims, List<ListedProgram> programs, string release)
    {
        foreach (var claim in claims)
            output.WriteLine(line => ClaimListJson.Write(line, claim, release));
        foreach (var program in programs)
            output.WriteLine(line => ClaimListJson.Write(line, program));
    }
}

internal sealed class LabShowCommand : Verb
{
    private readonly Argument<string[]> _id = new("ID")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A claim or a program from bindwise lab list, or a claim's file.",
        CompletionSources = { static _ =>
            ScenarioCatalogue.Claims.Concat(ScenarioCatalogue.Programs).Select(static id => new CompletionItem(id)) }
    };
    private readonly ValueOption _from = new("--from", "DIR", "Look in this folder instead of the built-in claims.");

    public LabShowCommand() : base("show", "Show a claim: what it says, how it is tested, what is known.") => Take(_id, _from);

    public override HelpPage Help =>
        new HelpPage("bindwise lab show: what a claim says, how it is tested, what is known about it and why.")
            .Examples("bindwise lab show reuse-time-wait", "bindwise lab show server-working")
            .Usage("bindwise lab show [options] ID")
            .Parameters(Command)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "shown"),
                (ExitCode.Error, "wrong usage, or there is no such claim, or it has a mistake"),
                (ExitCode.Interrupted, "interrupted"));

    public override VerbRun Read(ParseResult parsed)
    {
        var ids = parsed.GetValue(_id) ?? [];
        if (ids is not [{ Length: > 0 } one])
            throw new UsageException(ids.Length > 1 ? "give one ID at a time" : "no ID given: bindwise lab list has them all");
        if (parsed.GetValue(_from) is "")
            throw new UsageException("--from needs the name of a folder: --from DIR");
        var folder = parsed.GetValue(_from);
        return (output, errors) => new LabShow(one, folder, output, errors).Show();
    }
}

internal sealed class LabShow(string id, string? folder, AnswerStream output, ErrorLines errors)
{
    public ExitCode Show()
    {
        var terminal = Terminal.Detect();
        if (folder is null && ScenarioCatalogue.ProgramText(id) is { } program)
        {
            output.Write(ClaimShowText.Render(new ListedProgram(id, ListedProgram.TitleOf(program)), program), terminal);
            return ExitCode.Success;
        }
        var found = new ClaimStore(folder).Find(id);
        foreach (var fault in found.Faults)
            errors.Write(fault);
        if (found.Claim is not { } claim)
            return ExitCode.Error;
        var command = $"bindwise lab prove {(folder is null ? "" : $"--from {ShellQuoting.Quote(folder)} ")}{ShellQuoting.Quote(id)}";
        output.Write(ClaimShowText.Render(claim, command, terminal.Width ?? ScenarioResultText.DefaultWidth), terminal);
        return ExitCode.Success;
    }
}
