namespace Bindwise.Supervising;

/// <summary>The program that this process becomes under supervision.</summary>
[SupportedOSPlatform("linux")]
internal static class SupervisedCommand
{
    /// <summary>
    /// Becomes it on the calling thread, which has the filter (<see cref="SupervisionStart"/>); returns only where that does not work.
    /// </summary>
    /// <param name="command">The program, a path or a name to look for in PATH, and its arguments:
    /// bytes, since they need not be UTF-8.</param>
    /// <returns>Why it does not work, half a sentence.</returns>
    public static string Become(IReadOnlyList<byte[]> command, IEnumerable<KeyValuePair<string, string>> variables, out int exitCode) =>
        ProcessReplacement.Become(command, [.. variables.Select(static one => new KeyValuePair<string, string?>(one.Key, one.Value))], [],
            out exitCode);
}
