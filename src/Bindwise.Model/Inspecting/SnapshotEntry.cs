using Bindwise.Model.Secrets;

namespace Bindwise.Model.Inspecting;

/// <summary>One question and what its answer stands on.</summary>
internal sealed record SnapshotEntry(Target Target, Snapshot Snapshot)
{
    /// <summary>The same without passwords, tokens and keys: before the diagnosis, so that no output and no file can hold them.</summary>
    public SnapshotEntry Masked() => new(SecretMask.Of(Target), SecretMask.Of(Snapshot));
}
