using System.Collections.Immutable;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Owners;

/// <summary>What in the kernel holds a socket that no process holds: claimed on evidence only.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Names">What it is called, as the interfaces that share the socket; empty where there is only one of its kind.</param>
/// <param name="Label">How it stands in a sentence: <c>the VXLAN interface v0</c>.</param>
/// <param name="Source">How it was told.</param>
/// <param name="Handler">The kernel function that takes what arrives, with its module; null when it was not read.</param>
public sealed record KernelOwner(KernelServiceKind Kind, ImmutableArray<string> Names, string Label, string Source, string? Handler);
