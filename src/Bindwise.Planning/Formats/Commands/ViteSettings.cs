namespace Bindwise.Planning.Formats.Commands;

/// <summary>vite.config.*: a program, of which one setting is read, by its text.</summary>
internal static class ViteSettings
{
    /// <summary>With it vite fails where the port is taken; <c>strictPort: true</c> in its settings does the same.</summary>
    public const string StrictOption = "--strictPort";

    private const string Setting = "strictPort";

    private static readonly string[] Files =
        ["vite.config.js", "vite.config.mjs", "vite.config.cjs", "vite.config.ts", "vite.config.mts", "vite.config.cts"];

    /// <summary>Whether vite in that folder takes the port that it is told, or none.</summary>
    public static bool IsStrict(string folder, PlanContext context) => Files.Any(
        name => context.Read(PlanPath.Combine(folder, name), null, isOurs: false) is { } text
            && text.Split('\n').Any(IsStrictLine));

    private static bool IsStrictLine(string line)
    {
        var at = line.IndexOf(Setting, StringComparison.Ordinal);
        if (at < 0 || line[..at].Contains("//", StringComparison.Ordinal))
            return false;
        var value = line.AsSpan(at + Setting.Length).TrimStart();
        return value is [':', ..] && value[1..].TrimStart().StartsWith("true");
    }
}
