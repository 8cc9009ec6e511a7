using System.Globalization;
using Bindwise.Model.Addresses;

namespace Bindwise.Portable;

/// <summary>The system's list of services: services(5), and the same form on Windows.</summary>
internal static class ServicesFile
{
    /// <summary>More than this is not read: the largest ones have half of it.</summary>
    private const int MaximumBytes = 4 * 1024 * 1024;

    /// <summary>The port of a service, by its name or an alias; null when it is unknown, or the file cannot be read.</summary>
    public static ushort? FindPort(string name, Protocol protocol)
    {
        var path = OperatingSystem.IsWindows() ? Path.Combine(Environment.SystemDirectory, "drivers", "etc", "services") : "/etc/services";
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= MaximumBytes } ? FindPort(File.ReadLines(path), name, protocol) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The port in the lines given.</summary>
    internal static ushort? FindPort(IEnumerable<string> lines, string name, Protocol protocol)
    {
        var suffix = protocol == Protocol.Udp ? "/udp" : "/tcp";
        foreach (var line in lines)
        {
            var words = line.Split('#', 2)[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !words[1].EndsWith(suffix, StringComparison.Ordinal) || (words[0] != name && !words.Skip(2).Contains(name)))
                continue;
            if (ushort.TryParse(words[1].AsSpan(0, words[1].Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                return port;
        }
        return null;
    }
}
