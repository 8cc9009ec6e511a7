using Bindwise.Cli.Input;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Saving;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>One run of <c>why</c>: every target is answered; a fault of one does not stop the others.</summary>
internal sealed class WhyRun(WhyRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly Lazy<Terminal> _terminal = new(Terminal.Detect);
    private readonly List<SnapshotEntry> _answered = [];
    private readonly HashSet<(int Text, string Place)> _asUdp = [];
    private string? _fault;
    private AnswerSequence? _answers;
    private ExitCode _worst = ExitCode.Success;

    /// <summary>Answers, and gives the exit code.</summary>
    public ExitCode Answer(CancellationToken cancellation)
    {
        if (request.Snapshot is { } path)
            AskFile(path);
        else
            AskSystem(cancellation);
        return _worst;
    }

    /// <summary>Looks at this system, one target after the other.</summary>
    private void AskSystem(CancellationToken cancellation)
    {
        // Before the first target is read: a process that is named must not be another by the time a pasted error comes in.
        using var inquiry = Open();
        if (inquiry is null)
            return;
        foreach (var typed in TypedTargets.Read(request.Targets, request.Follow))
        {
            if (typed.Target is not { } target)
                Fail(typed.Error!);
            else if (target.Protocol != Protocol.Udp || !_asUdp.Contains((typed.Text, target.Text)))
                Ask(inquiry, request.Question with { Target = target }, typed.Text, cancellation);
            PrintNote(typed.IsWithoutPlace ? LatestListeners.Read() : typed.Note);
        }
        Save(request.Question.Options);
    }

    private Inquiry? Open()
    {
        var question = request.Question;
        if (question.As is not null && (question.Portable || !OperatingSystem.IsLinux()))
        {
            Fail("--user, --netns, --pid, --unit and --container need Linux, and exclude --portable");
            return null;
        }
        try
        {
            return Inquiry.Open(question.As, question.Portable);
        }
        catch (PortQueryException exception)
        {
            Fail(exception.Message);
            return null;
        }
    }

    private void Ask(Inquiry inquiry, PortQuery question, int text, CancellationToken cancellation)
    {
        SnapshotEntry entry;
        try
        {
            entry = inquiry.Inspect(question, cancellation);
        }
        catch (PortQueryException exception)
        {
            Fail(exception.Message);
            return;
        }
        var answer = Diagnoser.Diagnose(entry.Target, question.Options, entry.Snapshot);
        Answer(entry, answer, text);
        if (!request.Follow)
        {
            if (PastedErrors.AsUdp(entry.Target, answer) is { } udp && _asUdp.Add((text, udp.Text)))
                Ask(inquiry, question with { Target = udp }, text, cancellation);
            return;
        }
        // The exit code is that of the last answer.
        using var following = new FollowRun(request, output, _terminal.Value, cancellation);
        var last = following.Follow(inquiry, question, answer);
        if (last.Value is { } diagnosis)
            _worst = ExitCodes.Of(diagnosis.Verdict);
        else
            Fail(last.Error!);
    }

    /// <summary>The answers that a file holds: all of them, or those of the targets given.</summary>
    private void AskFile(string path)
    {
        var read = SnapshotStore.Load(path);
        if (read.Value is not { } file)
        {
            Fail(read.Error!);
            return;
        }
        var query = new SnapshotQuery(file, request.Question.Options, request.Question.ShowSecrets);
        foreach (var answer in query.Answers(request.Targets.IsEmpty ? null : TypedTargets.Read(request.Targets, isFollowing: false)))
        {
            if (answer is { Entry: { } entry, Diagnosis: { } diagnosis })
                Answer(entry, diagnosis, answer.Text);
            else
                Fail(answer.Fault!);
            PrintNote(answer.Note);
        }
        Save(query.Options);
    }

    private void Answer(SnapshotEntry entry, Diagnosis diagnosis, int text)
    {
        _answered.Add(entry);
        Show(diagnosis, text);
    }

    private void Show(Diagnosis diagnosis, int text)
    {
        _worst = ExitCodes.Worst(_worst, ExitCodes.Of(diagnosis.Verdict));
        if (request.Json)
        {
            var buffer = new ArrayBufferWriter<byte>();
            DiagnosisJson.Write(buffer, diagnosis);
            buffer.Write("\n"u8);
            output.Write(buffer.WrittenSpan);
            return;
        }
        var where = _terminal.Value;
        _answers ??= new AnswerSequence(new TextOptions(where.Width, request.Detail));
        output.Write(TextOutput.Format(_answers.Next(diagnosis, text), where.IsColoured));
    }

    private void Save(ProgramOptions options)
    {
        if (request.SaveSnapshot is { } path && _answered.Count > 0
            && SnapshotStore.Save(path, new SnapshotFile(options, [.. _answered])) is { } fault)
            Fail(fault);
    }

    private void PrintNote(string? note)
    {
        if (note is not null)
            errors.Write(note);
    }

    private void Fail(string message)
    {
        // Of a pasted error that is answered for both protocols the host is unknown twice.
        if (message != _fault)
            errors.Write(message);
        _fault = message;
        _worst = ExitCodes.Worst(_worst, ExitCode.Error);
    }
}
