namespace Bindwise.AspNetCore;

/// <summary>
/// A start that was refused, with one sentence that says all: as text, which hosts log and the runtime prints again, it is that sentence. What
/// it stands for is its inner exception.
/// </summary>
internal sealed class StartRefusedException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <inheritdoc/>
    public override string ToString() => $"{typeof(StartRefusedException).FullName}: {Message}";
}
