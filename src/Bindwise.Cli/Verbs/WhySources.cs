using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Saving;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs;

/// <summary>One target with the facts that its answer stands on, or why there are none.</summary>
/// <param name="Entry">The target and its snapshot; null when <paramref name="Error"/> is set.</param>
/// <param name="Error">One line; null when there is an entry.</param>
internal readonly record struct WhySource(SnapshotEntry? Entry, string? Error)
{
    /// <summary>Asks this system again, with probes or without; null for a saved snapshot, and where the target was not understood.</summary>
    public Func<bool, Diagnosis>? Again { get; init; }
}

/// <summary>Where the facts come from: this system, or a saved snapshot.</summary>
internal static class WhySources
{
    /// <summary>Looks at this system, one target after the other, each when it is asked for.</summary>
    public static IEnumerable<WhySource> OfThisSystem(WhyRequest request, CancellationToken cancellation)
    {
        // Before the first target is read: a process that is named must not be another by the time a pasted error comes in.
        using var inquiry = Begin(request, out var fault);
        if (inquiry is null)
        {
            yield return new WhySource(null, fault);
            yield break;
        }
        foreach (var text in request.Targets)
        {
            var target = Understand(text);
            yield return target.IsSuccess ? Look(inquiry, QuestionOf(request, target.Value!), cancellation) : new WhySource(null, target.Error);
        }
    }

    private static Inquiry? Begin(WhyRequest request, out string? fault)
    {
        var isForeign = request.Portable || !OperatingSystem.IsLinux();
        fault = isForeign && request.As is not null ? "--user, --netns, --pid, --unit and --container need Linux, and exclude --portable" : null;
        if (fault is not null)
            return null;
        try
        {
            return Inquiry.Open(request.As, request.Portable);
        }
        catch (PortQuestionException exception)
        {
            fault = exception.Message;
            return null;
        }
    }

    private static PortQuestion QuestionOf(WhyRequest request, Target target) => new()
    {
        Target = target,
        Options = request.Options,
        MayProbe = request.Probe,
        ShowSecrets = request.ShowSecrets,
        Everything = request.Detail == Detail.Verbose,
    };

    private static WhySource Look(Inquiry inquiry, PortQuestion question, CancellationToken cancellation)
    {
        try
        {
            return new WhySource(inquiry.Look(question, question.MayProbe, cancellation), null) { Again = probe => inquiry.Ask(question, probe, cancellation) };
        }
        catch (PortQuestionException exception)
        {
            return new WhySource(null, exception.Message);
        }
    }

    /// <summary>The answers that a file holds: all of them, or those of the targets given.</summary>
    public static IEnumerable<WhySource> OfFile(SnapshotFile file, WhyRequest request)
    {
        if (request.Targets.Length == 0)
            return file.Entries.Select(entry => new WhySource(Shown(entry), null));
        return request.Targets.Select(text =>
        {
            var target = Understand(text);
            if (!target.IsSuccess)
                return new WhySource(null, target.Error);
            var entry = file.Entries.FirstOrDefault(entry => IsSame(entry.Target, target.Value!));
            return entry is null
                ? new WhySource(null, $"the snapshot does not hold {text}, only {string.Join(", ", file.Entries.Select(entry => Shown(entry).Target.Text))}")
                : new WhySource(Shown(entry), null);
        });

        // It may have been saved unmasked.
        SnapshotEntry Shown(SnapshotEntry entry) => request.ShowSecrets ? entry : entry.Masked();
    }

    private static ParseResult<Target> Understand(string text)
    {
        if (text != "-")
            return TargetParser.Parse(text);
        ParseResult<string> pasted;
        try
        {
            using var input = StandardStreams.OpenInput();
            pasted = PastedText.Read(input);
        }
        catch (IOException exception)
        {
            return new ParseResult<Target>(null, $"cannot read standard input: {SystemFault.Describe(exception)}");
        }
        return pasted.IsSuccess ? TargetParser.Parse(pasted.Value!) : new ParseResult<Target>(null, pasted.Error);
    }

    // What was typed may differ (":8080", "8080"); what it means may not.
    private static bool IsSame(Target saved, Target asked) =>
        (saved.Protocol, saved.Host, saved.Scope, saved.Port, saved.Service, saved.Path, saved.Destination)
        == (asked.Protocol, asked.Host, asked.Scope, asked.Port, asked.Service, asked.Path, asked.Destination);
}
