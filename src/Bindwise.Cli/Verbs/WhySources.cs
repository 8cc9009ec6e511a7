using System.Collections.Immutable;
using System.Runtime.Versioning;
using Bindwise.Cli.Input;
using Bindwise.Cli.Output;
using Bindwise.Linux;
using Bindwise.Linux.Acting;
using Bindwise.Model.Targets;
using Bindwise.Portable;
using Bindwise.Rendering.Saving;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Verbs;

/// <summary>One target with the facts that its answer stands on, or why there are none.</summary>
/// <param name="Entry">The target and its snapshot; null when <paramref name="Error"/> is set.</param>
/// <param name="Error">One line; null when there is an entry.</param>
internal readonly record struct WhySource(SnapshotEntry? Entry, string? Error)
{
    /// <summary>Looks at this system again, with probes or without; null for a saved snapshot, and where the target was not understood.</summary>
    public Func<bool, WhySource>? Again { get; init; }
}

/// <summary>Where the facts come from: this system, or a saved snapshot.</summary>
internal static class WhySources
{
    /// <summary>Looks at this system, one target after the other, each when it is asked for.</summary>
    public static IEnumerable<WhySource> OfThisSystem(WhyRequest request, CancellationToken cancellation) =>
        request.Portable || !OperatingSystem.IsLinux() ? OfDotNet(request, cancellation) : OfKernel(request, cancellation);

    private static IEnumerable<WhySource> OfDotNet(WhyRequest request, CancellationToken cancellation)
    {
        if (request.As is not null)
        {
            yield return new WhySource(null, "--user, --netns, --pid, --unit and --container need Linux, and exclude --portable");
            yield break;
        }
        foreach (var text in request.Targets)
        {
            var target = Understand(text);
            yield return target.IsSuccess
                ? Ask(request.Probe) with { Again = Ask }
                : new WhySource(null, target.Error);

            WhySource Ask(bool probe) => InspectByDotNet(target.Value!, request.Options, probe, cancellation);
        }
    }

    [SupportedOSPlatform("linux")]
    private static IEnumerable<WhySource> OfKernel(WhyRequest request, CancellationToken cancellation)
    {
        using var program = FindProgram(request.As, out var fault);
        if (fault is not null)
        {
            yield return new WhySource(null, fault);
            yield break;
        }
        var how = new InspectionOptions { Probe = request.Probe, Everything = request.Detail == Detail.Verbose, As = program };
        foreach (var text in request.Targets)
        {
            var target = Understand(text);
            yield return target.IsSuccess
                ? Ask(request.Probe) with { Again = Ask }
                : new WhySource(null, target.Error);

            WhySource Ask(bool probe) => Inspect(target.Value!, request.Options, how with { Probe = probe }, cancellation);
        }
    }

    // Found before the first target is read: a process that is named must not be another by the time a pasted error comes in.
    [SupportedOSPlatform("linux")]
    private static ActingProgram? FindProgram(ActAs? asked, out string? fault)
    {
        fault = null;
        try
        {
            return asked is null ? null : ActingProgram.Find(asked);
        }
        catch (InspectionException exception)
        {
            fault = exception.Message;
            return null;
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

    private static WhySource InspectByDotNet(Target target, ProgramOptions options, bool probe, CancellationToken cancellation)
    {
        try
        {
            return new WhySource(new SnapshotEntry(target, PortableInspector.Inspect(target, options, probe, cancellation)), null);
        }
        catch (PortableInspectionException exception)
        {
            return new WhySource(null, exception.Message);
        }
    }

    [SupportedOSPlatform("linux")]
    private static WhySource Inspect(Target target, ProgramOptions options, InspectionOptions how, CancellationToken cancellation)
    {
        try
        {
            return new WhySource(new SnapshotEntry(target, Inspector.Inspect(target, options, how, cancellation)), null);
        }
        catch (InspectionException exception)
        {
            return new WhySource(null, exception.Message);
        }
    }

    // What was typed may differ (":8080", "8080"); what it means may not.
    private static bool IsSame(Target saved, Target asked) =>
        (saved.Protocol, saved.Host, saved.Scope, saved.Port, saved.Service, saved.Path, saved.Destination)
        == (asked.Protocol, asked.Host, asked.Scope, asked.Port, asked.Service, asked.Path, asked.Destination);
}
