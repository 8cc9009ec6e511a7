using System.Runtime.Versioning;
using Bindwise.Cli.Verbs.Recording;
using Bindwise.Model.Diagnosing;
using Bindwise.Recording.History;
using Bindwise.Rendering.Json;

namespace Bindwise.Cli.Verbs.Why;

/// <summary><c>why TARGET --at TIME</c>: the answer of a moment, from what was recorded.</summary>
internal sealed class RecordedRun(WhyRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly Terminal _terminal = Terminal.Detect();
    private readonly AnswerSequence _answers = new(new TextOptions(Terminal.Detect().Width, request.Detail));
    private ExitCode _worst = ExitCode.Success;

    /// <summary>Answers, and gives the exit code.</summary>
    public ExitCode Answer(DateTimeOffset at)
    {
        if (!OperatingSystem.IsLinux())
        {
            Fail("--at needs Linux");
            return _worst;
        }
        using var interruption = Interruption.EndsAtOnce(errors);
        AnswerAt(at);
        return _worst;
    }

    [SupportedOSPlatform("linux")]
    private void AnswerAt(DateTimeOffset at)
    {
        if (RecordTargets.Read(request.Targets, out var fault) is not { } targets)
        {
            Fail(fault!);
            return;
        }
        var directory = request.Directory!;
        using var archive = RecordArchive.Open(directory, out var isMissing, out fault);
        if (archive is null && !isMissing)
            Fail($"the record in {directory} cannot be read: {fault}");
        else if (archive is null)
        {
            RecordTargets.TellMissing(directory, targets, errors);
            _worst = ExitCode.Undetermined;
        }
        else
        {
            for (var index = 0; index < targets.Length; index++)
                Answer(archive, targets[index], index, at);
            foreach (var note in archive.Notes())
                errors.Write(note);
        }
    }

    [SupportedOSPlatform("linux")]
    private void Answer(RecordArchive archive, RecordTarget asked, int index, DateTimeOffset at)
    {
        switch (MomentFinder.Find(archive, asked.Match, MomentText.EndOf(at)))
        {
            case RecordedMoment.Failure { Event: var failure, Document: var document }
                when DiagnosisReader.Read(document, asked.Target) is { } known:
                var remark = RecordedDiagnosis.Remark(failure, at);
                Show(known with { Limits = [remark, .. known.Limits] }, DiagnosisReader.WithLimit(document, remark), index);
                break;
            case RecordedMoment.Sight sight:
                var diagnosis = RecordedDiagnosis.Of(asked.Target, request.Question.Options, asked.Match, sight, at);
                Show(diagnosis, null, index);
                break;
            default:
                errors.Write(at > DateTimeOffset.Now ? "that moment is still to come"
                    : $"the record in {request.Directory} has nothing near that moment: bindwise record was not running then");
                _worst = ExitCodes.Worst(_worst, ExitCode.Undetermined);
                break;
        }
    }

    private void Show(Diagnosis diagnosis, byte[]? document, int index)
    {
        _worst = ExitCodes.Worst(_worst, ExitCodes.Of(diagnosis.Verdict));
        if (!request.Json)
        {
            var told = diagnosis with { Remedies = PastAnswer.Remedies(diagnosis) };
            output.Write(TextOutput.Format(_answers.Next(told, index), _terminal.IsColoured));
            return;
        }
        var line = new ArrayBufferWriter<byte>();
        if (document is null)
            DiagnosisJson.Write(line, diagnosis);
        else
            line.Write(document);
        line.Write("\n"u8);
        output.Write(line.WrittenSpan);
    }

    private void Fail(string message)
    {
        errors.Write(message);
        _worst = ExitCodes.Worst(_worst, ExitCode.Error);
    }
}
