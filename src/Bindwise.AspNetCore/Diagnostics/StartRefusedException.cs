namespace Bindwise.AspNetCore.Diagnostics;

/// <summary>
/// A start that was refused, with one sentence that says all: as text, which hosts log and the runtime prints again, it is that sentence. What
/// it stands for is its inner exception.
/// </summary>
internal sealed class StartRefusedException(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>For requests that make no sense, alone or together. The name of a parameter means nothing to whoever wrote the URLs.</summary>
    public static StartRefusedException Of(IEnumerable<string> names, ArgumentException exception) =>
        new($"{string.Join(" and ", names)} cannot be bound: {exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal)}", exception);

    /// <inheritdoc/>
    public override string ToString() => $"{typeof(StartRefusedException).FullName}: {Message}";
}
