namespace Bindwise.Cli.Output;

/// <summary>Whether what is printed may hold more than ASCII.</summary>
internal static class Charset
{
    /// <summary>By the locale, the first of LC_ALL, LC_CTYPE and LANG that is set (locale(7)); elsewhere by the console's own encoding.</summary>
    public static bool IsUnicode()
    {
        if (OperatingSystem.IsWindows())
            return Console.OutputEncoding.CodePage == 65001;
        foreach (var name in (ReadOnlySpan<string>)["LC_ALL", "LC_CTYPE", "LANG"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } locale)
                return locale.Contains("UTF-8", StringComparison.OrdinalIgnoreCase) || locale.Contains("UTF8", StringComparison.OrdinalIgnoreCase);
        }
        return false;
    }
}
