using System.Globalization;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>A host's processes as its own /proc shows them to the test.</summary>
internal sealed class ProcessTable(int init)
{
    /// <summary>The command lines of all that have not ended, by the host's process ids.</summary>
    public IReadOnlyDictionary<int, string> Commands()
    {
        var commands = new Dictionary<int, string>();
        foreach (var pid in All())
        {
            if (CommandOf($"/proc/{init}/root/proc/{pid}") is { Length: > 0 } command)
                commands[pid] = command;
        }
        return commands;
    }

    /// <summary>All, zombies too, by the host's process ids.</summary>
    public IEnumerable<int> All()
    {
        foreach (var folder in Directory.EnumerateDirectories($"/proc/{init}/root/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                yield return pid;
        }
    }

    /// <summary>Empty for a thread of the kernel, for a zombie, and for one that is gone.</summary>
    private static string CommandOf(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ').Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
