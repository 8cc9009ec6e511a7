using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Policies;

/// <summary>A policy that refuses the bind(), or may.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">What it is called; empty where only the kind is known.</param>
/// <param name="Where">What carries it; null when nothing does or it is not known.</param>
/// <param name="Detail">What else is known of it; null for nothing.</param>
/// <param name="IsCertain">It is the one: shown to refuse this bind(), or the only one that is left.</param>
public sealed record Policy(PolicyKind Kind, string Name, string? Where, string? Detail, bool IsCertain)
{
    /// <summary>When a program on a cgroup runs; none for other policies.</summary>
    public PolicyHook Hook { get; init; }
}
