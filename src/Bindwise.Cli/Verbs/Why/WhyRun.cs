using System.Buffers;
using System.Collections.Immutable;
using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Saving;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>One run of <c>why</c>: every target is answered; a fault of one does not stop the others.</summary>
internal sealed class WhyRun(WhyRequest request, AnswerStream output, ErrorLines errors)
{
    private readonly Lazy<Terminal> _terminal = new(Terminal.Detect);
    private ExitCode _worst = ExitCode.Free;
    private bool _hasAnswered;

    // What has been told in full, with the text that asked.
    private readonly List<(int Text, Diagnosis Answer)> _told = [];

    /// <summary>Answers, and gives the exit code.</summary>
    public ExitCode Answer(CancellationToken cancellation)
    {
        var options = request.Options;
        IEnumerable<WhySource> sources;
        if (request.AnswerFrom is { } path)
        {
            var file = SnapshotStore.Load(path);
            if (!file.IsSuccess)
            {
                Fail(file.Error!);
                return _worst;
            }
            options = Merge(file.Value!.Options, options);
            sources = WhySources.OfFile(file.Value, request);
        }
        else
            sources = WhySources.OfThisSystem(request, cancellation);
        var answered = ImmutableArray.CreateBuilder<SnapshotEntry>();
        foreach (var source in sources)
        {
            if (source.Entry is { } entry)
            {
                var answer = Answer(entry, options, source.Text);
                answered.Add(entry);
                if (request.Follow && answer is not null && source.Again is { } again)
                    Follow(again, answer, cancellation);
            }
            else
                Fail(source.Error!);
            if (source.Note is { } note)
                errors.Write(note);
        }
        Save(new SnapshotFile(options, answered.ToImmutable()));
        if (output.Fault is { } fault)
            Fail($"cannot write to standard output: {fault}");
        return _worst;
    }

    /// <summary>Stays until it is free: the exit code is that of the last answer.</summary>
    private void Follow(Func<bool, Diagnosis> again, Diagnosis answer, CancellationToken cancellation)
    {
        using var following = new FollowRun(request, output, _terminal.Value, cancellation);
        var last = following.Follow(again, answer);
        if (last.Value is { } diagnosis)
            _worst = ExitCodes.Of(diagnosis.Verdict);
        else
            Fail(last.Error!);
    }

    private Diagnosis? Answer(SnapshotEntry entry, ProgramOptions options, int text)
    {
        try
        {
            var diagnosis = Diagnoser.Diagnose(entry.Target, options, entry.Snapshot);
            Show(diagnosis, text);
            return diagnosis;
        }
        catch (ArgumentException)
        {
            // A file that holds the target, but not what the target asks about.
            Fail($"the snapshot does not hold what {entry.Target.Text} asks about");
            return null;
        }
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

    /// <summary>Of several addresses that one error names, those with one cause and one holder: the first in full, of the others the first line.</summary>
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
        (one.Verdict, one.Cause) == (other.Verdict, other.Cause) && Holders(one) is { Count: > 0 } holders && holders.SetEquals(Holders(other));

    private static HashSet<int> Holders(Diagnosis diagnosis) =>
        [.. diagnosis.Blockers.SelectMany(static blocker => blocker.Owners).Select(static owner => owner.Process.Id)];

    private void Save(SnapshotFile file)
    {
        if (request.SaveTo is { } path && file.Entries.Length > 0 && SnapshotStore.Save(path, file) is { } fault)
            Fail(fault);
    }

    private void Fail(string message)
    {
        errors.Write(message);
        _worst = ExitCodes.Worst(_worst, ExitCode.Error);
    }
}
