using System.Buffers;
using System.Globalization;
using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Lab.Playing;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>One run of <c>lab run</c>: every scenario is played and answered; a bad one does not stop the others.</summary>
internal sealed class LabRun(string path, PlayOn on, bool isJson, AnswerStream output, ErrorLines errors)
{
    private readonly Lazy<Terminal> terminal = new(Terminal.Detect);
    private readonly ArrayBufferWriter<byte> line = new();
    private ExitCode worst = ExitCode.Free;
    private bool hasAnswered;

    /// <summary>Plays, and gives the exit code.</summary>
    public ExitCode Play()
    {
        using var interruption = Interruption.EndsAtOnce(errors);
        using var input = ScenarioDocuments.Open(path, out var fault);
        if (input is null)
            return Fail(fault!);
        if (LabHosts.Open(on, errors) is not { } stage)
            return ExitCode.Error;
        try
        {
            new ScenarioStream<ScenarioParse>(stage, new StreamLimits(), static document => document.Scenario, Answer)
                .Play(Announce(ScenarioDocuments.Read(input), stage), CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Fail($"cannot read {Name}: {SystemFault.Describe(exception)}");
        }
        catch (LiveUnavailableException exception)
        {
            Fail(exception.Message);
        }
        if (output.Fault is { } unwritten)
            Fail($"cannot write to standard output: {unwritten}");
        return worst;
    }

    private string Name => path == "-" ? "standard input" : path;

    private IEnumerable<ScenarioParse> Announce(IEnumerable<ScenarioParse> documents, ScenarioHosts stage)
    {
        var notice = new WaitNotice(errors, isJson);
        foreach (var document in documents)
        {
            if (document.Scenario is { } scenario)
                notice.Announce(Place(document), stage.WaitsOf(scenario));
            yield return document;
        }
    }

    private bool Answer(ScenarioParse document, ScenarioResult? result)
    {
        if (result is null)
            Refuse(document, document.Fault?.At(Name) ?? $"{Place(document)}: not a scenario");
        else if (result.Error is { } error)
            Refuse(document, $"{Place(document)}: {error}");
        else
            Show(result);
        return output.IsOpen;
    }

    private void Show(ScenarioResult result)
    {
        if (result.IsMismatch || result.FailedExpectations > 0)
            worst = ExitCodes.Worst(worst, ExitCode.Blocked);
        if (isJson)
        {
            WriteLine(() => ScenarioResultJson.Write(line, result));
            return;
        }
        var where = terminal.Value;
        output.Write((hasAnswered ? "\n" : "") + TextOutput.Format(ScenarioResultText.Render(result, where.Width), where.IsColoured));
        hasAnswered = true;
    }

    private void Refuse(ScenarioParse document, string error)
    {
        Fail(error);
        if (isJson)
            WriteLine(() => ScenarioResultJson.WriteError(line, document.Name, error));
    }

    private void WriteLine(Action write)
    {
        line.ResetWrittenCount();
        write();
        line.Write("\n"u8);
        output.Write(line.WrittenSpan);
    }

    private string Place(ScenarioParse document) => string.Create(CultureInfo.InvariantCulture, $"{Name}:{document.Line}");

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return worst = ExitCodes.Worst(worst, ExitCode.Error);
    }
}
