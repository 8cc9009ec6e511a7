using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bindwise.Cli;

internal static class ProgramVersion
{
    private const int CommitDigits = 12;
    public static string Text => typeof(ProgramVersion).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    /// <summary>
    /// The build: <c>native, linux-x64, commit 0123456789ab</c>; without the commit where it was built outside of a clone.
    /// </summary>
    public static string Build
    {
        get
        {
            var kind = RuntimeFeature.IsDynamicCodeSupported ? $"managed, .NET {Environment.Version}" : "native";
            var build = $"{kind}, {RuntimeInformation.RuntimeIdentifier}";
            return Commit(typeof(ProgramVersion).Assembly) is { } commit ? $"{build}, commit {commit}" : build;
        }
    }

    // The SDK puts the commit after a plus sign: 0.1.0+0123456789abcdef…
    private static string? Commit(Assembly assembly)
    {
        var text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        return plus >= 0 && text.Length - plus > CommitDigits ? text.Substring(plus + 1, CommitDigits) : null;
    }
}
