using System.Runtime.Versioning;
using Bindwise.Linux.Files;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Targets;
using Bindwise.Recording.History;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Saving;

namespace Bindwise.Cli.Verbs;

/// <summary>One run of <c>why</c>: every target is answered; a fault of one does not stop the others.</summary>
internal sealed class WhyRun(WhyRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly Lazy<Terminal> _terminal = new(Terminal.Detect);
    private readonly List<SnapshotEntry> _answered = [];
    private string? _fault;
    private AnswerSequence? _answers;
    private ExitCode _worst = ExitCode.Success;

    public ExitCode Answer(CancellationToken cancellation)
    {
        if (request.Snapshot is { } path)
            AskFile(path);
        else
            AskSystem(cancellation);
        return _worst;
    }

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
            PrintNote(typed.WithoutPlace is { Errno: "EADDRINUSE" } ? LatestListeners.Read() : typed.Note);
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
        Diagnosis? answer = null;
        try
        {
            foreach (var (entry, made) in inquiry.AskAll(question, cancellation))
                Answer(entry, answer = made, text);
        }
        catch (PortQueryException exception)
        {
            Fail(exception.Message);
            return;
        }
        if (!request.Follow)
            return;
        // The exit code is that of the last answer.
        using var following = new FollowRun(request, output, _terminal.Value, cancellation);
        var last = following.Follow(inquiry, question, answer!);
        if (last.Value is { } diagnosis)
            _worst = ExitCodes.Of(diagnosis.Verdict);
        else
            Fail(last.Error!);
    }

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
        _worst = ExitCodes.Worst(_worst, ExitCodes.Of(diagnosis.Verdict));
        if (request.Json)
        {
            output.WriteLine(line => DiagnosisJson.Write(line, diagnosis));
            return;
        }
        var where = _terminal.Value;
        _answers ??= new AnswerSequence(new TextOptions(where.Width, request.Detail));
        output.Write(_answers.Next(diagnosis, text), where);
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

internal static class SnapshotStore
{
    /// <summary>Reads a file; whatever is wrong with it is one line that names it.</summary>
    public static ParseResult<SnapshotFile> Load(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var result = SnapshotFile.Read(stream);
            return result.IsSuccess ? result
                : new ParseResult<SnapshotFile>(null, SnapshotFile.WhyNot(path, result.Error!), result.Column);
        }
        catch (Exception exception) when (SystemFault.IsOne(exception))
        {
            return new ParseResult<SnapshotFile>(null, $"cannot read the snapshot {path}: {SystemFault.Describe(path, exception)}");
        }
    }

    /// <summary>
    /// Writes a file that only its owner may read: command lines may hold secrets. On Linux nobody else's file, link or pipe is touched.
    /// </summary>
    /// <returns>What is wrong, one line; null when it was written.</returns>
    public static string? Save(string path, SnapshotFile file)
    {
        var content = new MemoryStream();
        SnapshotFile.Write(content, file);
        var fault = OperatingSystem.IsLinux() ? PrivateFile.Replace(path, content.GetBuffer().AsSpan(0, (int)content.Length))
            : Replace(path, content);
        return fault is null ? null : $"cannot save the snapshot to {path}: {fault}";
    }

    // A new file takes the name: whoever has the old one open sees nothing of this one.
    private static string? Replace(string path, MemoryStream content)
    {
        var beside = $"{path}.{Random.Shared.NextInt64():x16}";
        try
        {
            if (Directory.Exists(path))
                return "it is a folder";
            if (new FileInfo(path).LinkTarget is not null)
                return "it is a symbolic link; name the file itself";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var stream = new FileStream(beside, options))
                content.WriteTo(stream);
            File.Move(beside, path, overwrite: true);
            return null;
        }
        catch (Exception exception) when (SystemFault.IsOne(exception))
        {
            return SystemFault.Describe(path, exception);
        }
    }
}

/// <summary><c>why TARGET --at TIME</c>: the answer of a moment, from what was recorded.</summary>
internal sealed class RecordedRun(WhyRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly Terminal _terminal = Terminal.Detect();
    private readonly AnswerSequence _answers = new(new TextOptions(Terminal.Detect().Width, request.Detail));
    private ExitCode _worst = ExitCode.Success;

    public ExitCode Answer(DateTimeOffset at)
    {
        if (!OperatingSystem.IsLinux())
            return errors.Fail("--at needs Linux");
        using var interruption = Interruption.EndsFirstProcess(errors);
        if (RecordTargets.Read(request.Targets, out var fault) is not { } targets)
            return errors.Fail(fault!);
        var directory = request.Directory!;
        using var archive = RecordArchive.Open(directory, out var isMissing, out fault);
        if (archive is null && !isMissing)
            return errors.Fail($"the record in {directory} cannot be read: {fault}");
        if (archive is null)
        {
            RecordTargets.ReportMissing(directory, targets, errors);
            return ExitCode.Undetermined;
        }
        for (var index = 0; index < targets.Length; index++)
            Answer(archive, targets[index], index, at);
        foreach (var note in archive.Notes())
            errors.Write(note);
        return _worst;
    }

    [SupportedOSPlatform("linux")]
    private void Answer(RecordArchive archive, RecordTarget asked, int index, DateTimeOffset at)
    {
        var match = asked.Target.Pasted is { MayMeanUdp: true } ? asked.Match : asked.Match with { Protocol = asked.Target.Protocol };
        switch (MomentFinder.Find(archive, match, MomentText.EndOf(at)))
        {
            case RecordedMoment.Failure { Event: var failure, Document: var made }:
                var (known, document) = RecordedDiagnosis.Of(asked.Target, failure, made, at);
                Show(known, document, index);
                break;
            case RecordedMoment.Sight when asked.Target.Destination is { } destination:
                errors.Write(
                    $"no connection to {destination} is recorded that failed near that moment, and of others bindwise record keeps none");
                _worst = ExitCodes.Worst(_worst, ExitCode.Undetermined);
                break;
            case RecordedMoment.Sight sight:
                var diagnosis = Of(asked.Target, sight);
                Show(diagnosis, null, index);
                if (diagnosis.Verdict != Verdict.Blocked && PastedErrors.AsUdp(asked.Target) is { } udp
                    && Of(udp, sight) is { Blockers.IsEmpty: false } taken)
                    Show(taken, null, index);
                break;
            default:
                errors.Write(at > DateTimeOffset.Now ? "that moment is still to come"
                    : $"the record in {request.Directory} has nothing near that moment: bindwise record was not running then, or could not "
                        + "write");
                _worst = ExitCodes.Worst(_worst, ExitCode.Undetermined);
                break;
        }

        Diagnosis Of(Target target, RecordedMoment.Sight sight) =>
            RecordedDiagnosis.Of(target, request.Question.Options, asked.Match, sight, at);
    }

    private void Show(Diagnosis diagnosis, byte[]? document, int index)
    {
        _worst = ExitCodes.Worst(_worst, ExitCodes.Of(diagnosis.Verdict));
        if (!request.Json)
        {
            var past = diagnosis with { Remedies = PastAnswer.Remedies(diagnosis) };
            output.Write(_answers.Next(past, index), _terminal);
        }
        else if (document is null)
            output.WriteLine(line => DiagnosisJson.Write(line, diagnosis));
        else
            output.WriteLine(line => line.Write(document));
    }
}
