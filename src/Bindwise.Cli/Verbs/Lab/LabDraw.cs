using System.Collections.Immutable;
using System.Text;
using Bindwise.Cli.Catalogue;
using Bindwise.Cli.Output;
using Bindwise.Lab.Drawing;
using Bindwise.Lab.Drawing.Grids;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Drawing.Sequences;
using Bindwise.Lab.Drawing.States;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Linux.Live;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>One run of <c>lab draw</c>: plays, and draws what was captured.</summary>
internal sealed class LabDraw(LabDrawRequest request, AnswerStream output, ErrorLines errors)
{
    private const int SvgColumns = 112;

    // More would be no picture any more.
    private const int MostCases = 50;

    private readonly Terminal terminal = Terminal.Detect();

    /// <summary>Plays and draws, and gives the exit code.</summary>
    public ExitCode Draw()
    {
        using var interruption = Interruption.EndsAtOnce(errors);
        var subject = DrawnSubject.Find(request.Subject);
        foreach (var fault in subject.Faults)
            errors.Write(fault);
        if (subject.Faults.Count > 0 || Chosen(subject) is not { } cases)
            return ExitCode.Error;
        if (LabHosts.Open(request.On, errors) is not { } stage)
            return ExitCode.Error;
        try
        {
            return Record(cases, stage.Kernel is not null) is { } records && Picture(subject.Title, records) is { } picture && Write(picture) ? ExitCode.Free : ExitCode.Error;
        }
        catch (LiveUnavailableException exception)
        {
            return Fail(exception.Message);
        }
    }

    private IReadOnlyList<DrawnCase>? Chosen(DrawnSubject subject)
    {
        var cases = subject.Cases;
        if (request.Case is { } name)
        {
            cases = [.. cases.Where(part => part.Name == name)];
            if (cases.Count == 0)
                Fail($"{request.Subject} has no case {name}; it has {string.Join(", ", subject.Cases.Take(MostCases).Select(static part => part.Name))}");
        }
        else if (cases.Count > MostCases)
        {
            Fail($"{request.Subject} holds {cases.Count} scenarios, more than {MostCases}; choose one with --case");
            return null;
        }
        return cases.Count == 0 ? null : cases;
    }

    private List<Record>? Record(IReadOnlyList<DrawnCase> cases, bool isOnKernel)
    {
        var notice = new WaitNotice(errors, isForProgram: false);
        var scenarios = cases.Select(static part => part.Scenario).ToList();
        if (isOnKernel && scenarios.MaxBy(static scenario => ScenarioWaits.Of(scenario).MostSeconds) is { } longest)
            notice.Announce(request.Subject, ScenarioWaits.Of(longest));
        var onModel = Play(scenarios, isOnKernel: false);
        var plays = isOnKernel ? Play(scenarios, isOnKernel: true) : onModel;
        var records = new List<Record>();
        for (var index = 0; index < plays.Length; index++)
        {
            if (plays[index].Result.Error is { } error)
            {
                Fail($"{cases[index].Title}: {error}");
                return null;
            }
            var record = isOnKernel ? RuledRecord.Of(plays[index].Kernel!, onModel[index].Model) : plays[index].Model!;
            records.Add(record with { Scenario = record.Scenario with { Name = cases[index].Title } });
        }
        return records;
    }

    private static ImmutableArray<RecordedPlay> Play(List<Bindwise.Model.Scenarios.Scenario> scenarios, bool isOnKernel)
    {
        using var player = new RecordingPlayer(new RecordingOptions { OnModel = !isOnKernel, OnKernel = isOnKernel });
        return player.PlayAll(scenarios);
    }

    private Picture? Picture(string title, List<Record> records)
    {
        var columns = request.Width ?? (request.Theme is not null ? SvgColumns : (request.OutputFile is null ? terminal.Width : null) ?? ScenarioResultText.DefaultWidth);
        switch (request.As)
        {
            case DrawnAs.Grid:
                var grids = RecordGrid.Of(title, records);
                if (grids.Count > 0)
                    return PictureStack.Of([.. grids.Select(grid => GridLayout.Of(grid, columns))]);
                Fail($"{request.Subject}: no socket tries to bind while another is bound, so there is no grid; use --as sequence");
                return null;
            case DrawnAs.States when request.Socket is { } socket:
                var known = records.SelectMany(StateDiagramLayout.Sockets).Distinct().ToList();
                if (!known.Contains(socket))
                {
                    Fail($"{request.Subject}: no socket {socket} had a state of TCP{(known.Count > 0 ? $"; there are {string.Join(", ", known.Take(MostCases))}" : "")}");
                    return null;
                }
                return PictureStack.Of([.. records.Where(record => StateDiagramLayout.Sockets(record).Contains(socket)).Select(record => StateDiagramLayout.Of(record, socket, columns))]);
            case DrawnAs.States:
                return PictureStack.Of([.. records.Select(record => StateDiagramLayout.Of(record, null, columns))]);
            default:
                return PictureStack.Of([.. records.Select(record => SequenceLayout.Of(record, columns))]);
        }
    }

    private bool Write(Picture picture)
    {
        var isToTerminal = request.OutputFile is null && terminal.IsColoured;
        var text = request.Theme is { } theme
            ? SvgPicture.Write(picture, theme)
            : TextOutput.Format(DrawnText.ToLines(TextPicture.Render(picture, request.Ascii ?? !Charset.IsUnicode())), isToTerminal);
        if (request.OutputFile is { } path)
        {
            try
            {
                File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                Fail($"cannot write {path}: {(Directory.Exists(path) ? "it is a folder" : SystemFault.Describe(exception))}");
                return false;
            }
        }
        output.Write(text);
        if (output.Fault is not { } fault)
            return true;
        Fail($"cannot write to standard output: {fault}");
        return false;
    }

    private ExitCode Fail(string message)
    {
        errors.Write(message);
        return ExitCode.Error;
    }
}
