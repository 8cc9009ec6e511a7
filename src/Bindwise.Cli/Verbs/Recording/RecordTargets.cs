using System.Runtime.Versioning;
using Bindwise.Cli.Input;
using Bindwise.Linux.Names;
using Bindwise.Recording.History;
using Bindwise.Recording.Journal;

namespace Bindwise.Cli.Verbs.Recording;

/// <summary>A target with its names looked up.</summary>
/// <param name="Target">The target.</param>
/// <param name="Match">How records are searched for it.</param>
internal sealed record RecordTarget(Target Target, TargetMatch Match);

/// <summary>The targets of what asks a record.</summary>
[SupportedOSPlatform("linux")]
internal static class RecordTargets
{
    private static readonly TimeSpan MostOfLookup = TimeSpan.FromSeconds(2);

    /// <summary>Reads them; null, with one line, for a fault.</summary>
    public static ImmutableArray<RecordTarget>? Read(IReadOnlyList<string> words, out string? fault)
    {
        fault = null;
        var targets = ImmutableArray.CreateBuilder<RecordTarget>();
        foreach (var typed in TypedTargets.Read(words, isFollowing: false))
        {
            fault = typed.Error;
            var match = typed.Target is { } target
                ? TargetMatch.Of(target, static name => HostNames.Find(name, MostOfLookup), ServiceNames.FindPort, out fault) : null;
            if (match is null)
                return null;
            targets.Add(new RecordTarget(typed.Target!, match));
        }
        return targets.ToImmutable();
    }

    /// <summary>Says how a record is begun, and what the journal has of the ports.</summary>
    public static void TellMissing(string directory, ImmutableArray<RecordTarget> targets, ErrorLines errors)
    {
        errors.Write($"there is no record in {directory}: bindwise record keeps one "
            + "(as a service: sudo systemctl enable --now bindwise-record)");
        foreach (var target in targets)
        {
            var found = JournalSearch.Find(target.Match.Path ?? $"{target.Match.Port}");
            if (found.Count > 0)
                errors.Write($"programs wrote to the journal about {target.Target.Text}:");
            foreach (var line in found)
                errors.Write($"  {line}");
        }
    }
}
