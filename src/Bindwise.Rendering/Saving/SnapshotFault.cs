using System.Text.Json;

namespace Bindwise.Rendering.Saving;

/// <summary>Valid JSON that is no valid snapshot; caught where reading began.</summary>
internal sealed class SnapshotFault(string message, long position) : JsonException(message)
{
    /// <summary>The byte at which the faulty value begins, from 0.</summary>
    public long Position { get; } = position;
}
