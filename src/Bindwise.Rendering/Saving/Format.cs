using System.Text.Json;

namespace Bindwise.Rendering.Saving;

/// <summary>How a value stands in a snapshot file: both directions in one place, so that they cannot drift apart.</summary>
/// <typeparam name="T">The value's type.</typeparam>
internal abstract class Format<T>
{
    /// <summary>Writes the value.</summary>
    public abstract void Write(Utf8JsonWriter writer, T value);

    /// <summary>Reads the value whose first token the reader stands on; afterwards the reader stands on its last.</summary>
    /// <exception cref="SnapshotFault">The JSON is no such value.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public abstract T Read(ref Utf8JsonReader reader);
}
