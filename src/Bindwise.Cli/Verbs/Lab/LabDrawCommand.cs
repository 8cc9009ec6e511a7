using System.CommandLine.Completions;
using Bindwise.Lab.Catalogue;
using Bindwise.Lab.Drawing;
using Bindwise.Lab.Drawing.Grids;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Lab.Drawing.Sequences;
using Bindwise.Lab.Drawing.States;
using Bindwise.Lab.Kernel;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Recording;
using Bindwise.Linux.Live;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Cli.Verbs.Lab;

internal enum DrawnAs : byte
{
    /// <summary>The two ends, with segments between them.</summary>
    Sequence,

    /// <summary>The states of TCP, with a socket's way.</summary>
    States,

    /// <summary>Who was bound first, and who tried then.</summary>
    Grid,
}

/// <param name="On">Where to play: the kernel where it can be used, the model, or the kernel and nothing else.</param>
/// <param name="Socket">Whose way is lit; null for the most telling one.</param>
/// <param name="Theme">The colours of an SVG file; null for text.</param>
internal sealed record LabDrawRequest(string Subject, string? Case, PlayOn On, DrawnAs As, string? Socket, SvgTheme? Theme, bool? Ascii,
    int? Width, string? OutputFile);

internal sealed class LabDrawCommand : Verb
{
    private const string Drawing =
        "The scenario is played, and the picture shows what happened: on the kernel what was captured, not what was expected. The lines "
            + "above each picture say where it was played and how.";

    private const int LeastWidth = 20;
    private const int MostWidth = 400;

    private readonly Argument<string[]> _subject = new("ID|FILE")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A claim or a program from bindwise lab list, a file with a claim or a scenario, or - for standard input.",
        CompletionSources = { static _ =>
            ScenarioCatalogue.Claims.Concat(ScenarioCatalogue.Programs).Select(static id => new CompletionItem(id)) },
    };

    private readonly ValueOption _part =
        new("--case", "NAME", "Draw one case of a claim, or one scenario of a file. Default: all of them, one below the other.");

    private readonly ChoiceOption<PlayOn> _on = new("--on", "HOST",
        "Where to play: kernel (this one; what was captured is drawn) or model (the rules, in virtual time). Default: kernel, or model "
            + "where the kernel cannot be used.",
        "no host", ("kernel", PlayOn.Kernel), ("model", PlayOn.Model));

    private readonly ChoiceOption<DrawnAs> _view = new("--as", "PICTURE",
        "sequence (the two ends, their states and the segments between them), states (a socket's way through the states of TCP) or grid "
            + "(who was bound first, and who tried next). Default: sequence.",
        "not a kind of picture", ("sequence", DrawnAs.Sequence), ("states", DrawnAs.States), ("grid", DrawnAs.Grid));

    private readonly ValueOption _socket =
        new("--socket", "NAME", "With --as states: the socket to follow. Default: one that reached TIME_WAIT, or went the longest way.");
    private readonly Flag _svg = new("--svg", "Draw an SVG picture instead of text.");
    private readonly ChoiceOption<SvgTheme> _theme = new("--theme", "THEME",
        "With --svg: light or dark. Default: what the viewer prefers.",
        "not a theme", ("light", SvgTheme.Light), ("dark", SvgTheme.Dark));
    private readonly Flag _ascii = new("--ascii", "Use only ASCII. Default: as the locale allows.");
    private readonly ValueOption _width =
        new("--width", "N", "Columns of the picture. Default: those of the terminal, else 80; for SVG 112.");
    private readonly ValueOption _file =
        new("--output", "FILE", "Write to this file and replace what it holds. Default: standard output.", "-o");

    public LabDrawCommand()
        : base("draw", "Draw what happens below the calls: segments, states, time.") =>
        Take(_subject, _part, _on, _view, _socket, _svg, _theme, _ascii, _width, _file);

    public override HelpPage Help =>
        new HelpPage("bindwise lab draw: draw what happens below the socket calls: segments, states, time.")
            .Examples(
                "bindwise lab draw close-simultaneous",
                "bindwise lab draw reuse-time-wait --case new-only --on model",
                "bindwise lab draw close-fins --as states --socket conn",
                "bindwise lab draw bind-matrix --as grid",
                "bindwise lab draw close-fins --svg -o close.svg")
            .Usage("bindwise lab draw [options] ID|FILE")
            .Parameters(Command)
            .Text(Drawing)
            .Text(LabHelp.OnTheKernel)
            .ExitCodes("Exit codes:",
                (ExitCode.Success, "drawn"),
                (ExitCode.Error, "wrong usage, a scenario that does not exist or has a mistake, or the kernel cannot be used"),
                (ExitCode.Interrupted, "interrupted"));

    public override VerbRun Read(ParseResult parsed)
    {
        var subjects = parsed.GetValue(_subject) ?? [];
        if (subjects is not [{ Length: > 0 } what])
            throw new UsageException(subjects.Length > 1 ? "give one ID or FILE at a time"
                : "no ID or FILE given: bindwise lab list has the IDs");
        var host = _on.Read(parsed) ?? PlayOn.WhereItCan;
        var picture = _view.Read(parsed) ?? DrawnAs.Sequence;
        if (parsed.GetValue(_socket) is not null && picture != DrawnAs.States)
            throw new UsageException("--socket works only with --as states");
        Flag.AllowOne(parsed, _svg, _ascii);
        if (parsed.GetValue(_theme) is not null && !parsed.GetValue(_svg))
            throw new UsageException("--theme works only with --svg; a terminal has its own colors");
        var colours = _theme.Read(parsed) ?? SvgTheme.Automatic;
        var columns = ReadWidth(parsed.GetValue(_width));
        if (parsed.GetValue(_file) is "")
            throw new UsageException("--output needs the name of a file: --output FILE");
        var request = new LabDrawRequest(
            what, parsed.GetValue(_part), host, picture, parsed.GetValue(_socket), parsed.GetValue(_svg) ? colours : null,
            parsed.GetValue(_ascii) ? true : null, columns, parsed.GetValue(_file) is not "-" and var file ? file : null);
        return (output, errors) => new LabDraw(request, output, errors).Draw();
    }

    private static int? ReadWidth(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= LeastWidth and <= MostWidth
            ? number : throw new UsageException($"--width takes a number from {LeastWidth} to {MostWidth}");
}

internal sealed class LabDraw(LabDrawRequest request, AnswerStream output, ErrorLines errors)
{
    private const int SvgColumns = 112;

    // More would be no picture any more.
    private const int MostCases = 50;

    private readonly Terminal _terminal = Terminal.Detect();

    public ExitCode Draw()
    {
        using var interruption = Interruption.EndsAtOnce(errors);
        var subject = DrawnSubject.Find(request.Subject);
        foreach (var fault in subject.Faults)
            errors.Write(fault);
        if (subject.Faults.Count > 0 || Chosen(subject) is not { } cases)
            return ExitCode.Error;
        if (LabHosts.Open(request.On, errors) is not { } hosts)
            return ExitCode.Error;
        try
        {
            return Record(cases, hosts.Kernel is not null) is { } records && Picture(subject.Title, records) is { } picture
                && Write(picture) ? ExitCode.Success : ExitCode.Error;
        }
        catch (LiveUnavailableException exception)
        {
            return errors.Fail(exception.Message);
        }
    }

    private IReadOnlyList<DrawnCase>? Chosen(DrawnSubject subject)
    {
        var cases = subject.Cases;
        if (request.Case is { } name)
        {
            cases = [.. cases.Where(part => part.Name == name)];
            if (cases.Count == 0)
                errors.Fail($"{request.Subject} has no case {name}; it has "
                    + $"{string.Join(", ", subject.Cases.Take(MostCases).Select(static part => part.Name))}");
        }
        else if (cases.Count > MostCases)
        {
            errors.Fail($"{request.Subject} holds {cases.Count} scenarios, more than {MostCases}; choose one with --case");
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
        var rules = isOnKernel ? KernelHosts.Rules : KernelRelease.Documented;
        ImmutableArray<RecordedPlay> onModel = [.. scenarios.Select(scenario => ModelRecorder.Play(scenario, rules))];
        var plays = isOnKernel ? PlayOnKernel(scenarios) : onModel;
        var records = new List<Record>();
        for (var index = 0; index < plays.Length; index++)
        {
            if (plays[index].Result.Error is { } error)
            {
                errors.Fail($"{cases[index].Title}: {error}");
                return null;
            }
            var record = isOnKernel ? RuledRecord.Of(plays[index].Kernel!, onModel[index].Model) : plays[index].Model!;
            records.Add(record with { Scenario = record.Scenario with { Name = cases[index].Title } });
        }
        return records;
    }

    private static ImmutableArray<RecordedPlay> PlayOnKernel(List<Scenario> scenarios)
    {
        using var player = new RecordingPlayer(new RecordingOptions { OnModel = false });
        return player.PlayAll(scenarios);
    }

    private Picture? Picture(string title, List<Record> records)
    {
        var columns = request.Width ?? (request.Theme is not null ? SvgColumns
            : (request.OutputFile is null ? _terminal.Width : null) ?? ScenarioResultText.DefaultWidth);
        switch (request.As)
        {
            case DrawnAs.Grid:
                var grids = RecordGrid.Of(title, records);
                if (grids.Count > 0)
                    return PictureStack.Of([.. grids.Select(grid => GridLayout.Of(grid, columns))]);
                errors.Fail($"{request.Subject}: no socket tries to bind while another is bound, so there is no grid; use --as sequence");
                return null;
            case DrawnAs.States when request.Socket is { } socket:
                var known = records.SelectMany(StateDiagramLayout.Sockets).Distinct().ToList();
                if (!known.Contains(socket))
                {
                    errors.Fail($"{request.Subject}: no socket {socket} had a state of TCP"
                        + (known.Count > 0 ? $"; there are {string.Join(", ", known.Take(MostCases))}" : ""));
                    return null;
                }
                return PictureStack.Of([.. records.Where(record => StateDiagramLayout.Sockets(record).Contains(socket))
                    .Select(record => StateDiagramLayout.Of(record, socket, columns))]);
            case DrawnAs.States:
                return PictureStack.Of([.. records.Select(record => StateDiagramLayout.Of(record, null, columns))]);
            default:
                return PictureStack.Of([.. records.Select(record => SequenceLayout.Of(record, columns))]);
        }
    }

    private bool Write(Picture picture)
    {
        var isToTerminal = request.OutputFile is null && _terminal.IsColoured;
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
            catch (Exception exception) when (SystemFault.IsOne(exception))
            {
                errors.Fail($"cannot write {path}: {SystemFault.Describe(path, exception)}");
                return false;
            }
        }
        output.Write(text);
        return true;
    }
}

/// <param name="Name">What --case calls it; may be empty.</param>
internal sealed record DrawnCase(string Name, string Title, Scenario Scenario);

/// <summary>What is to be drawn, or what is wrong with it: a line a fault.</summary>
internal sealed record DrawnSubject(string Title, IReadOnlyList<DrawnCase> Cases, IReadOnlyList<string> Faults)
{
    public static DrawnSubject Find(string id)
    {
        if (id == "-" || id.AsSpan().ContainsAny('/', '\\') || id.EndsWith(".bind", StringComparison.Ordinal) || File.Exists(id))
            return OfFile(id);
        if (ScenarioCatalogue.ProgramText(id) is { } program)
            return OfText(id, $"programs/{id}.bind", program);
        var found = new ClaimStore(null).Find(id);
        return found.Claim is { } claim ? OfClaim(claim) : new DrawnSubject(id, [], found.Faults);
    }

    private static DrawnSubject OfFile(string path)
    {
        using var stream = ScenarioFiles.Open(path, out var fault);
        if (stream is null)
            return Wrong(path, fault!);
        var name = path == "-" ? "standard input" : path;
        try
        {
            var bytes = new byte[BindText.MaximumChars + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > BindText.MaximumChars
                ? Wrong(path, $"{name}: the file is larger than 8 MiB; split it")
                : OfText(path == "-" ? "" : Path.GetFileNameWithoutExtension(path), name, Encoding.UTF8.GetString(bytes, 0, length));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Wrong(path, $"cannot read {name}: {SystemFault.Describe(path, exception)}");
        }
    }

    private static DrawnSubject OfText(string title, string file, string text)
    {
        if (ClaimText.IsClaim(text))
        {
            var parse = ClaimText.Parse(text);
            return parse.Claim is { } claim ? OfClaim(claim)
                : new DrawnSubject(title, [], [.. parse.Faults.Select(fault => fault.At(file))]);
        }
        var cases = new List<DrawnCase>();
        var faults = new List<string>();
        foreach (var parse in ScenarioFile.Parse(text, title))
        {
            if (parse.Scenario is { } scenario)
                cases.Add(new DrawnCase(scenario.Name, scenario.Name.Length > 0 ? scenario.Name : title, scenario));
            faults.AddRange(parse.Faults.Select(fault => fault.At(file)));
        }
        if (cases.Count == 0 && faults.Count == 0)
            faults.Add($"{file}: there is no scenario in it");
        return new DrawnSubject(title, cases, faults);
    }

    private static DrawnSubject OfClaim(Claim claim) =>
        new(claim.Id, [.. claim.Cases.Select(part => new DrawnCase(part.Name, $"{claim.Id}, {part.Name}: {part.When}", part.Scenario))],
            []);

    private static DrawnSubject Wrong(string title, string fault) => new(title, [], [fault]);
}
