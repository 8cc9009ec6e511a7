using System.Runtime.Versioning;
using Bindwise.Linux.Names;
using Bindwise.Model.Targets;

namespace Bindwise.Recording.History;

/// <summary>A target with its names looked up.</summary>
/// <param name="Target">The target.</param>
/// <param name="Match">How records are searched for it.</param>
internal sealed record RecordTarget(Target Target, TargetMatch Match)
{
    private static readonly TimeSpan MostOfLookup = TimeSpan.FromSeconds(2);

    /// <summary>Looks the names of targets up; null, with one line, for a fault.</summary>
    [SupportedOSPlatform("linux")]
    public static ImmutableArray<RecordTarget>? Of(IEnumerable<TypedTarget> named, out string? fault)
    {
        fault = null;
        var targets = ImmutableArray.CreateBuilder<RecordTarget>();
        foreach (var typed in named)
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

    /// <summary>That there is no record, and how one is begun: one sentence.</summary>
    public static string WhyMissing(string directory) => $"there is no record in {directory}: bindwise record keeps one "
        + "(as a service: sudo systemctl enable --now bindwise-record)";
}
