using System.Runtime.Versioning;
using Bindwise.Cli.Input;
using Bindwise.Recording.History;
using Bindwise.Recording.Journal;

namespace Bindwise.Cli.Verbs.Recording;

/// <summary>The targets of what asks a record.</summary>
[SupportedOSPlatform("linux")]
internal static class RecordTargets
{
    /// <summary>Reads them; null, with one line, for a fault.</summary>
    public static ImmutableArray<RecordTarget>? Read(IReadOnlyList<string> words, out string? fault) =>
        RecordTarget.Of(TypedTargets.Read(words, isFollowing: false), out fault);

    /// <summary>Says how a record is begun, and what the journal has of the ports.</summary>
    public static void TellMissing(string directory, ImmutableArray<RecordTarget> targets, ErrorLines errors)
    {
        errors.Write(RecordTarget.WhyMissing(directory));
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
