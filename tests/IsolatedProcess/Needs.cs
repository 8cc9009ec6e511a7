using System.Diagnostics;

namespace IsolatedProcess;

/// <summary>What a machine must have so that a body can run apart.</summary>
internal static class Needs
{
    private static readonly string[] Always = ["unshare", "ip"];
    private static readonly Lazy<string?> Namespaces = new(TryNamespaces);

    /// <summary>Why a test that needs these programs cannot run here; null when it can.</summary>
    public static string? Missing(IEnumerable<string> programs)
    {
        if (!OperatingSystem.IsLinux())
            return "needs Linux: it asks the kernel";
        if (!Environment.IsPrivilegedProcess)
            return "needs root: it makes namespaces of its own";
        var absent = Always.Concat(programs).Where(static program => Find(program) is null).ToList();
        return absent.Count > 0 ? $"needs {string.Join(", ", absent)}, which this machine does not have" : Namespaces.Value;
    }

    /// <summary>Where bodies find programs: system folders come before the caller's own, which other users may not be able to open.</summary>
    public static string SearchPath => $"/usr/bin:/usr/sbin:/bin:/sbin:{Environment.GetEnvironmentVariable("PATH")}";

    /// <summary>Where a program is; null for nowhere.</summary>
    public static string? Find(string program) =>
        SearchPath.Split(':').Where(static folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string? TryNamespaces()
    {
        var start = new ProcessStartInfo("unshare", ["--net", "--pid", "--fork", "--mount", "--mount-proc", "true"]) { RedirectStandardError = true };
        using var process = Process.Start(start);
        var complaint = process?.StandardError.ReadToEnd().Trim();
        process?.WaitForExit();
        return process?.ExitCode == 0 ? null : $"needs the right to make namespaces: {complaint}";
    }
}
