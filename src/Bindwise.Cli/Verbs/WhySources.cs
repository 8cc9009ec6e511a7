using System.Collections.Immutable;
using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Linux;
using Bindwise.Model.Targets;
using Bindwise.Portable;
using Bindwise.Rendering.Saving;

namespace Bindwise.Cli.Verbs;

/// <summary>One target with the facts that its answer stands on, or why there are none.</summary>
/// <param name="Entry">The target and its snapshot; null when <paramref name="Error"/> is set.</param>
/// <param name="Error">One line; null when there is an entry.</param>
internal readonly record struct WhySource(SnapshotEntry? Entry, string? Error);

/// <summary>Where the facts come from: this system, or a saved snapshot.</summary>
internal static class WhySources
{
    /// <summary>Looks at this system, one target after the other, each when it is asked for.</summary>
    public static IEnumerable<WhySource> OfThisSystem(WhyRequest request, CancellationToken cancellation)
    {
        foreach (var text in request.Targets)
        {
            var target = Understand(text);
            yield return target.IsSuccess ? Inspect(target.Value!, request, cancellation) : new WhySource(null, target.Error);
        }
    }

    /// <summary>The answers that a file holds: all of them, or those of the targets given.</summary>
    public static IEnumerable<WhySource> OfFile(SnapshotFile file, ImmutableArray<string> targets)
    {
        if (targets.Length == 0)
            return file.Entries.Select(entry => new WhySource(entry, null));
        return targets.Select(text =>
        {
            var target = Understand(text);
            if (!target.IsSuccess)
                return new WhySource(null, target.Error);
            var entry = file.Entries.FirstOrDefault(entry => IsSame(entry.Target, target.Value!));
            return entry is null
                ? new WhySource(null, $"the snapshot does not hold {text}, only {string.Join(", ", file.Entries.Select(entry => entry.Target.Text))}")
                : new WhySource(entry, null);
        });
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

    private static WhySource Inspect(Target target, WhyRequest request, CancellationToken cancellation)
    {
        try
        {
            if (request.Portable || !OperatingSystem.IsLinux())
                return new WhySource(new SnapshotEntry(target, PortableInspector.Inspect(target, request.Options, request.Probe, cancellation)), null);
            var how = new InspectionOptions { Probe = request.Probe, Everything = request.Detail == Rendering.Text.Detail.Verbose };
            return new WhySource(new SnapshotEntry(target, Inspector.Inspect(target, request.Options, how, cancellation)), null);
        }
        catch (PortableInspectionException exception)
        {
            return new WhySource(null, exception.Message);
        }
        catch (InspectionException exception)
        {
            return new WhySource(null, exception.Message);
        }
    }

    // What was typed may differ (":8080", "8080"); what it means may not.
    private static bool IsSame(Target saved, Target asked) =>
        (saved.Protocol, saved.Host, saved.Scope, saved.Port, saved.Service, saved.Path)
        == (asked.Protocol, asked.Host, asked.Scope, asked.Port, asked.Service, asked.Path);
}
