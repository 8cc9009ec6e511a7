using System.Buffers;
using Bindwise.Cli.Catalogue;
using Bindwise.Cli.Output;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>One run of <c>lab list</c>.</summary>
internal sealed class LabList(string? folder, bool isJson, AnswerStream output, ErrorLines errors)
{
    /// <summary>Shows the list, and gives the exit code: a file with a fault does not keep the others from it.</summary>
    public ExitCode Show()
    {
        var shelf = new ClaimStore(folder);
        var code = ExitCode.Free;
        var claims = new List<Claim>();
        var ids = shelf.Ids(out var none);
        if (none is not null)
            return Fail(none);
        foreach (var id in ids)
        {
            var found = shelf.Find(id);
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
