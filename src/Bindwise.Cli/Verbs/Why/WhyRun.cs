using System.Buffers;
using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Saving;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>One run of <c>why</c>: every target is answered; a fault of one does not stop the others.</summary>
internal sealed class WhyRun(WhyRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly Lazy<Terminal> _terminal = new(Terminal.Detect);
    private ExitCode _worst = ExitCode.Success;
    private bool _hasAnswered;
    private readonly List<SnapshotEntry> _answered = [];

    // What has been told in full, with the text that asked.
    private readonly List<(int Text, Diagnosis Answer)> _told = [];

    /// <summary>Answers, and gives the exit code.</summary>
    public ExitCode Answer(CancellationToken cancellation)
    {
        if (request.Snapshot is { } path)
            AskFile(path);
        else
            AskSystem(cancellation);
        if (output.Fault is { } fault)
            Fail($"cannot write to standard output: {fault}");
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
            else
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
        var answer = Answer(entry, question.Options, text);
        if (!request.Follow)
            return;
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
        var options = Merge(file.Options, request.Question.Options);
        if (request.Targets.IsEmpty)
        {
            foreach (var entry in file.Entries)
                Ask(entry, options, text: 0);
        }
        foreach (var typed in TypedTargets.Read(request.Targets, isFollowing: false))
        {
            if (typed.Target is not { } target)
                Fail(typed.Error!);
            else if (file.Entries.FirstOrDefault(entry => IsSame(entry.Target, target)) is { } entry)
                Ask(entry, options, typed.Text);
            else
                Fail($"the snapshot does not hold {target.Text}, only "
                    + $"{string.Join(", ", file.Entries.Select(entry => Shown(entry).Target.Text))}");
            PrintNote(typed.Note);
        }
        Save(options);
    }

    private void Ask(SnapshotEntry entry, ProgramOptions options, int text)
    {
        var shown = Shown(entry);
        if (Diagnoser.CanDiagnose(shown.Target, options, shown.Snapshot))
            Answer(shown, options, text);
        else
            Fail($"the snapshot does not hold what {shown.Target.Text} asks about");
    }

    // It may have been saved unmasked.
    private SnapshotEntry Shown(SnapshotEntry entry) => request.Question.ShowSecrets ? entry : entry.Masked();

    // What was typed may differ (":8080", "8080"); what it means may not.
    private static bool IsSame(Target saved, Target asked) =>
        (saved.Protocol, saved.Host, saved.Scope, saved.Port, saved.Service, saved.Path, saved.Destination)
        == (asked.Protocol, asked.Host, asked.Scope, asked.Port, asked.Service, asked.Path, asked.Destination);

    private Diagnosis Answer(SnapshotEntry entry, ProgramOptions options, int text)
    {
        var diagnosis = Diagnoser.Diagnose(entry.Target, options, entry.Snapshot);
        _answered.Add(entry);
        Show(diagnosis, text);
        return diagnosis;
    }

    // What the command line says now goes before what it said when the snapshot was taken.
    private static ProgramOptions Merge(ProgramOptions saved, ProgramOptions told) => new()
    {
        ReuseAddress = told.ReuseAddress ?? saved.ReuseAddress,
        ReusePort = told.ReusePort ?? saved.ReusePort,
        V6Only = told.V6Only ?? saved.V6Only,
        Device = told.Device ?? saved.Device,
    };

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
        var options = new TextOptions(where.Width, request.Detail);
        var lines = IsTold(diagnosis, text) ? DiagnosisText.RenderHeadline(diagnosis, options) : DiagnosisText.Render(diagnosis, options);
        var separator = _hasAnswered && request.Detail != Detail.Quiet ? "\n" : "";
        output.Write(separator + TextOutput.Format(lines, where.IsColoured));
        _hasAnswered = true;
    }

    /// <summary>
    /// Of several addresses that one error names, those with one cause and one holder: the first in full, of the others the first line.
    /// </summary>
    private bool IsTold(Diagnosis diagnosis, int text)
    {
        if (request.Detail != Detail.Normal)
            return false;
        if (_told.Exists(before => before.Text == text && IsSameMatter(before.Answer, diagnosis)))
            return true;
        _told.Add((text, diagnosis));
        return false;
    }

    private static bool IsSameMatter(Diagnosis one, Diagnosis other) =>
        (one.Verdict, one.Cause) == (other.Verdict, other.Cause) && Holders(one) is { Count: > 0 } holders
            && holders.SetEquals(Holders(other));

    private static HashSet<int> Holders(Diagnosis diagnosis) =>
        [.. diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id)];

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
        errors.Write(message);
        _worst = ExitCodes.Worst(_worst, ExitCode.Error);
    }
}
