using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Saving;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs.Why;

/// <summary>One target with the facts that its answer stands on, or why there are none.</summary>
/// <param name="Entry">The target and its snapshot; null when <paramref name="Error"/> is set.</param>
/// <param name="Error">One line; null when there is an entry.</param>
internal readonly record struct WhySource(SnapshotEntry? Entry, string? Error)
{
    /// <summary>Asks this system again, with probes or without; null for a saved snapshot, and where the target was not understood.</summary>
    public Func<bool, Diagnosis>? Again { get; init; }

    /// <summary>The text that named the target, by its place among those given: a pasted text may name several.</summary>
    public int Text { get; init; }

    /// <summary>One line for standard error that is no fault; null for none.</summary>
    public string? Note { get; init; }
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
        for (var index = 0; index < request.Targets.Length; index++)
        {
            foreach (var named in Understand(request.Targets[index], request.Follow))
            {
                yield return (named.Target is { } target ? Look(inquiry, QuestionOf(request, target), cancellation) : new WhySource(null, named.Error))
                    with
                { Text = index, Note = named.Note };
            }
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
        return request.Targets.SelectMany((text, index) => Understand(text, isFollowing: false).Select(named => Find(named) with { Text = index, Note = named.Note }));

        WhySource Find(NamedTarget named)
        {
            if (named.Target is not { } target)
                return new WhySource(null, named.Error);
            var entry = file.Entries.FirstOrDefault(entry => IsSame(entry.Target, target));
            return entry is null
                ? new WhySource(null, $"the snapshot does not hold {target.Text}, only {string.Join(", ", file.Entries.Select(entry => Shown(entry).Target.Text))}")
                : new WhySource(Shown(entry), null);
        }

        // It may have been saved unmasked.
        SnapshotEntry Shown(SnapshotEntry entry) => request.ShowSecrets ? entry : entry.Masked();
    }

    /// <summary>What a text names: one target, or each of those in a pasted error.</summary>
    private static IEnumerable<NamedTarget> Understand(string text, bool isFollowing)
    {
        var read = Read(text);
        if (read.Value is not { } named)
            return [new NamedTarget(null, read.Error)];
        var all = named.Targets;
        if (isFollowing && all.Length > 1)
            return [new NamedTarget(null, $"--follow takes one target; this text names {string.Join(", ", all.Select(Typed))}: choose one, as in: bindwise why --follow {Typed(all[0])}")];
        var note = named.LeftOut == 0 ? null : $"the text names {named.LeftOut + all.Length} addresses: only the first {all.Length} are answered";
        return all.Select((target, index) => new NamedTarget(target, null) { Note = index == all.Length - 1 ? note : null });
    }

    private static string Typed(Target target) => target.Protocol == Protocol.Udp ? target.Text + "/udp" : target.Text;

    private static ParseResult<TargetList> Read(string text)
    {
        if (text != "-")
            return TargetParser.ParseAll(text);
        ParseResult<string> pasted;
        try
        {
            using var input = StandardStreams.OpenInput();
            pasted = PastedText.Read(input);
        }
        catch (IOException exception)
        {
            return new ParseResult<TargetList>(null, $"cannot read standard input: {SystemFault.Describe(exception)}");
        }
        return pasted.IsSuccess ? TargetParser.ParseAll(pasted.Value!) : new ParseResult<TargetList>(null, pasted.Error);
    }

    // What was typed may differ (":8080", "8080"); what it means may not.
    private static bool IsSame(Target saved, Target asked) =>
        (saved.Protocol, saved.Host, saved.Scope, saved.Port, saved.Service, saved.Path, saved.Destination)
        == (asked.Protocol, asked.Host, asked.Scope, asked.Port, asked.Service, asked.Path, asked.Destination);

    private readonly record struct NamedTarget(Target? Target, string? Error)
    {
        public string? Note { get; init; }
    }
}
