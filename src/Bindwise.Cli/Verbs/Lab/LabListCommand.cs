using System.Buffers;
using System.CommandLine;
using Bindwise.Cli.Catalogue;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab list</c>: its options, told once for parser and help alike.</summary>
internal sealed class LabListCommand : Verb
{
    private readonly ValueOption _from = new("--from", "DIR", "List the claims in this folder instead of the built-in ones.");
    private readonly Flag _json = new("--json", "Print one line of JSON per claim and program.");

    public LabListCommand()
        : base("list", "List what articles claim, with the known verdicts.") => Take(_from, _json);

    public override HelpPage Help =>
        new HelpPage("bindwise lab list: list what articles claim about \"Address already in use\", with the known verdicts.")
            .Examples("bindwise lab list", "bindwise lab list --json")
            .Usage("bindwise lab list [options]")
            .Parameters(Command)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "listed"),
                (ExitCode.Error, "wrong usage, or a claim has a mistake"),
                (ExitCode.Interrupted, "interrupted"));

    public override ParseResult<VerbRun> Read(ParseResult parsed)
    {
        if (parsed.GetValue(_from) is "")
            return Fault("--from needs the name of a folder: --from DIR");
        var (folder, isJson) = (parsed.GetValue(_from), parsed.GetValue(_json));
        return new ParseResult<VerbRun>((output, errors) => new LabList(folder, isJson, output, errors).Show());
    }
}

/// <summary>One run of <c>lab list</c>.</summary>
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
            return Fail(none);
        foreach (var id in ids)
        {
            var found = store.Find(id);
            if (found.Claim is { } claim)
                claims.Add(claim);
            foreach (var line in found.Faults)
                code = Fail(line);
        }
        var release = ProofSystems.Release();
        var programs = folder is null ? ScenarioCatalogue.Programs.Select(
            static name => new ListedProgram(name, ListedProgram.TitleOf(ScenarioCatalogue.ProgramText(name)!))).ToList() : [];
        if (isJson)
            Write(claims, programs, release);
        else
        {
            var terminal = Terminal.Detect();
            output.Write(TextOutput.Format(
                ClaimListText.Render(claims, programs, release, terminal.Width ?? ScenarioResultText.DefaultWidth), terminal.IsColoured));
        }
        return output.Fault is { } unwritten ? Fail($"cannot write to standard output: {unwritten}") : code;
    }

    private void Write(List<Claim> claims, List<ListedProgram> programs, string release)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var claim in claims)
        {
            ClaimListJson.Write(lines, claim, release);
            lines.Write("\n"u8);
        }
        foreach (var program in programs)
        {
            ClaimListJson.Write(lines, program);
            lines.Write("\n"u8);
        }
        output.Write(lines.WrittenSpan);
    }

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return ExitCode.Error;
    }
}
