using System.Runtime.Versioning;
using Bindwise.Rendering.Freeing;

namespace Bindwise.Cli.Verbs;

[SupportedOSPlatform("linux")]
internal sealed class FreeRun(FreeJob job, AnswerStream output, ErrorLines errors, CancellationToken cancellation)
{
    /// <summary>So often a plan is made for a target whose holder moves on while it is shown.</summary>
    private const int Plans = 3;

    private readonly Terminal _terminal = Terminal.Detect();
    private readonly Consent _consent = new(output, cancellation);
    private ExitCode _worst = ExitCode.Success;
    private bool _hasWritten;

    // What an error said is over by this run's own doing.
    private bool _hasFreed;

    private TextOptions Options => new(_terminal.Width);

    public ExitCode Run()
    {
        var requests = ReadRequests();
        if (_worst != ExitCode.Success)
        {
            if (job.Targets.Length > 1)
                errors.Write("nothing was done: free begins only when every target is right");
            return _worst;
        }
        foreach (var request in requests)
        {
            Free(request);
            if (_worst == ExitCode.Interrupted || !output.IsOpen)
                break;
        }
        return _worst;
    }

    /// <summary>All of them are read, and names looked up, before anything is done for one.</summary>
    private List<FreeRequest> ReadRequests()
    {
        var requests = new List<FreeRequest>();
        foreach (var typed in TypedTargets.Read(job.Targets, isFollowing: false))
        {
            if (typed.Target is { } target)
                requests.Add(job.Request with { Query = job.Request.Query with { Target = target } });
            else
                Fail(typed.Error!);
            if (typed.Note is { } note)
                errors.Write(note);
        }
        if (requests.Count > 1)
            requests.ForEach(Try);
        return requests;
    }

    private void Try(FreeRequest request)
    {
        try
        {
            PortRelease.Prepare(request, cancellation).Dispose();
        }
        catch (PortQueryException exception)
        {
            Fail(exception.Message);
        }
    }

    private void Free(FreeRequest request)
    {
        if (_hasFreed && request.Query.Target is { Pasted: { } pasted } target)
            request = request with { Query = request.Query with { Target = target with { Pasted = pasted with { Errno = null } } } };
        var steps = ImmutableArray<FreeStep>.Empty;
        FreeResult? before = null;
        try
        {
            for (var number = 1; ; number++)
            {
                using var release = PortRelease.Prepare(request, cancellation);
                PrintPlan(release.Plan);
                var result = Decide(release);
                var isLast = number == Plans || !(result.Reason == "moved" || (result.Reason == "holder-changed" && job.IsConsented));
                if (!job.Json)
                    Write(FreeText.End(release.Plan.Refusal is null ? result : result with { Explanation = null }, release.Plan.Name,
                        Options, goesOn: !isLast));
                else if (isLast)
                    WriteJson(result with { Steps = [.. steps, .. result.Steps] });
                if (isLast)
                {
                    _hasFreed |= result.Outcome == FreeOutcome.Freed;
                    _worst = ExitCodes.Worst(_worst, CodeOf(result));
                    return;
                }
                // What moved on is shown, and asked about, anew.
                steps = [.. steps, .. result.Steps.Where(static step => step.Result is not ("planned" or "not-needed" or "not-reached"))];
                before = result;
            }
        }
        catch (OperationCanceledException) when (before is not null)
        {
            var result = before with { Reason = "interrupted", Explanation = ReleaseRun.Interrupted, Steps = steps };
            if (job.Json)
                WriteJson(result);
            else
                Write(FreeText.End(result, request.Query.Target.Text, Options));
            _worst = ExitCode.Interrupted;
        }
        catch (PortQueryException exception)
        {
            Fail(exception.Message);
        }
    }

    private void PrintPlan(FreePlan plan)
    {
        if (job.Json)
            return;
        if (_hasWritten)
            output.Write("\n");
        Write(FreeText.Plan(plan, job.IsConsented && !job.IsDry, Options));
        _hasWritten = true;
    }

    private FreeResult Decide(PortRelease release)
    {
        var plan = release.Plan;
        if (plan.Actions.IsEmpty || plan.Refusal is not null)
            return release.Execute(null, cancellation);
        if (job.IsDry)
            return release.Shown("dry-run");
        if (!job.IsConsented)
        {
            if (job.Json || !Consent.IsPossible)
                return release.Shown("not-confirmed", "Nothing was done: add --yes to do it.");
            if (_consent.Ask(plan.Actions) is not true and var answer)
                return release.Untouched(FreeOutcome.Declined, answer is null ? "interrupted" : "declined", "Nothing was done.");
            foreach (var action in plan.Actions.Where(static action => action.IsIfTakenAgain))
            {
                if (_consent.Ask(action) is not { } isToEnd)
                    return release.Untouched(FreeOutcome.Declined, "interrupted", "Nothing was done.");
                if (!isToEnd)
                    release.Exclude(action);
            }
        }
        return Execute(release);
    }

    private FreeResult Execute(PortRelease release)
    {
        if (job.Json)
            return release.Execute(null, cancellation);
        var since = DateTimeOffset.Now;
        using var waiting = release.Request.Wait is not null && Terminal.CanRedrawErrors
            ? new ProgressLine(errors, _terminal.Width ?? 80,
                () => "  " + FollowText.Waiting(release.Plan.Diagnosis, DateTimeOffset.Now, since)) : null;
        var alike = new List<FreeStep>();
        try
        {
            return release.Execute(step =>
            {
                if (alike.Count > 0 && !FreeText.AreReportedTogether(alike[^1], step))
                    Report();
                alike.Add(step);
                if (!FreeText.AreReportedTogether(step, step))
                    Report();
            }, cancellation);
        }
        finally
        {
            Report();
        }

        void Report()
        {
            if (alike.Count == 0)
                return;
            var lines = FreeText.Steps(alike, Options);
            alike.Clear();
            _ = waiting?.Above(() => Write(lines)) ?? Write(lines);
        }
    }

    private static ExitCode CodeOf(FreeResult result) => result switch
    {
        { Reason: "interrupted" } => ExitCode.Interrupted,
        { Outcome: FreeOutcome.AlreadyFree or FreeOutcome.Freed } or { Outcome: FreeOutcome.WouldFree, Reason: "dry-run" } =>
            ExitCode.Success,
        { Diagnosis.Verdict: Verdict.Undetermined } => ExitCode.Undetermined,
        _ => ExitCode.Negative,
    };

    private void WriteJson(FreeResult result) => output.WriteLine(line => FreeJson.Write(line, result));

    private bool Write(ImmutableArray<TextLine> lines)
    {
        output.Write(lines, _terminal);
        return true;
    }

    private void Fail(string message)
    {
        errors.Write(message);
        _worst = ExitCodes.Worst(_worst, ExitCode.Error);
    }
}

internal sealed class Consent(AnswerStream output, CancellationToken cancellation)
{
    private const int MostBytes = 1024;

    /// <summary>Somebody is there to be asked: both ends are a terminal.</summary>
    public static bool IsPossible => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>Asks once for all, and once more for each program that only inherited the socket.</summary>
    /// <returns>True only where every answer was yes; null where it was interrupted.</returns>
    public bool? Ask(ImmutableArray<FreeAction> actions)
    {
        var isOnly = actions.All(static action => action.IsAskedSeparately);
        if (!isOnly && Ask("Do it? [y/N] ") is not true and var first)
            return first;
        foreach (var action in actions.Where(static action => action.IsAskedSeparately && action.Kind == FreeActionKind.Signal))
        {
            if (Ask(FreeText.Separately(action, isOnly)) is not true and var answer)
                return answer;
        }
        return true;
    }

    /// <summary>Asks about one action alone; null where it was interrupted.</summary>
    public bool? Ask(FreeAction action) => Ask(FreeText.Separately(action, isOnly: false));

    private bool? Ask(string question)
    {
        output.Write(question);
        var answer = ReadLine();
        if (answer is null)
            output.Write("\n");
        return cancellation.IsCancellationRequested ? null : answer?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    private string? ReadLine()
    {
        string? line = null;
        // The read goes on in the kernel when it is interrupted; the thread ends with the process.
        var reader = new Thread(() => line = ReadLineFrom(InputStream.Open())) { IsBackground = true, Name = "bindwise answer" };
        reader.Start();
        while (!reader.Join(TimeSpan.FromMilliseconds(50)))
        {
            if (cancellation.IsCancellationRequested)
                return null;
        }
        return line;
    }

    private static string? ReadLineFrom(Stream input)
    {
        var bytes = new List<byte>();
        try
        {
            for (int next; (next = input.ReadByte()) >= 0;)
            {
                if (next == '\n')
                    return Encoding.UTF8.GetString([.. bytes]);
                if (bytes.Count < MostBytes)
                    bytes.Add((byte)next);
            }
        }
        catch (IOException)
        {
            // The terminal went away: nobody said yes.
            return null;
        }
        return null;
    }
}
