namespace Bindwise.Cli;

/// <summary>The version of this program.</summary>
internal static class ProgramVersion
{
    /// <summary>As <c>0.1.0</c>.</summary>
    public static string Text => typeof(ProgramVersion).Assembly.GetName().Version?.ToString(3) ?? "unknown";
}
