using System.Buffers;
using System.CommandLine;
using System.CommandLine.Help;
using Bindwise.Cli.Catalogue;
using Bindwise.Cli.CommandLine;
using Bindwise.Cli.Output;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary><c>bindwise lab list</c>: its options, told once for parser and help alike.</summary>
internal sealed class LabListCommand
{
    private readonly Option<string> _from = new("--from") { HelpName = "DIR", Description = "List the claims in this folder instead of the built-in ones." };
    private readonly Option<bool> _json = new("--json") { Arity = ArgumentArity.Zero, Description = "Print one line of JSON per claim and program." };
    private readonly HelpOption _help = new("--help", "-h", "-?") { Description = "Show this help." };

    /// <summary>Sets the verb up.</summary>
    public LabListCommand() => Command = new Command("list", "List what articles claim, with the known verdicts.") { _from, _json, _help };

    /// <summary>The verb for the parser.</summary>
    public Command Command { get; }

    /// <summary>Whether help was asked for.</summary>
    public bool WantsHelp(ParseResult parsed) => parsed.GetResult(_help) is not null;

    /// <summary>What to do, or what is wrong with the command line.</summary>
    public ParseResult<VerbRun> Read(ParseResult parsed)
    {
        if (parsed.GetValue(_from) is "")
            return new ParseResult<VerbRun>(null, "--from needs the name of a folder: --from DIR");
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
        var code = ExitCode.Free;
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
        var programs = folder is null ? ScenarioCatalogue.Programs.Select(static name => new ListedProgram(name, ListedProgram.TitleOf(ScenarioCatalogue.ProgramText(name)!))).ToList() : [];
        if (isJson)
            Write(claims, programs, release);
        else
        {
            var terminal = Terminal.Detect();
            output.Write(TextOutput.Format(ClaimListText.Render(claims, programs, release, terminal.Width ?? ScenarioResultText.DefaultWidth), terminal.IsColoured));
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
