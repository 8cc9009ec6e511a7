using Bindwise.Cli.Catalogue;
using Bindwise.Cli.Output;
using Bindwise.Lab.Catalogue;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>One run of <c>lab show</c>.</summary>
internal sealed class LabShow(string id, string? folder, AnswerStream output, ErrorLines errors)
{
    /// <summary>Shows it, and gives the exit code.</summary>
    public ExitCode Show()
    {
        var terminal = Terminal.Detect();
        if (folder is null && ScenarioCatalogue.ProgramText(id) is { } program)
        {
            output.Write(TextOutput.Format(ClaimShowText.Render(new ListedProgram(id, ListedProgram.TitleOf(program)), program), terminal.IsColoured));
            return Written();
        }
        var found = new ClaimStore(folder).Find(id);
        foreach (var fault in found.Faults)
            errors.Write(fault);
        if (found.Claim is not { } claim)
            return ExitCode.Error;
        output.Write(TextOutput.Format(ClaimShowText.Render(claim, terminal.Width ?? ScenarioResultText.DefaultWidth), terminal.IsColoured));
        return Written();
    }

    private ExitCode Written()
    {
        if (output.Fault is not { } fault)
            return ExitCode.Free;
        errors.Write($"cannot write to standard output: {fault}");
        return ExitCode.Error;
    }
}
