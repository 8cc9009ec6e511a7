using System.Globalization;
using Bindwise.Linux.Native;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live;

/// <summary>Writes the sysctls of the calling thread's network namespace.</summary>
internal static class LiveSysctl
{
    private const string ReservedPorts = "net.ipv4.ip_local_reserved_ports";
    private const int LongestLine = 2_000;

    /// <summary>Writes what a scenario says.</summary>
    /// <returns>The kernel's answer to the value.</returns>
    /// <exception cref="LiveUnavailableException">The sysctl is none that scenarios know, or this system does not let it be written.</exception>
    internal static Errno Write(string name, string value)
    {
        if (ScenarioSysctls.Find(name) is null)
            throw new LiveUnavailableException($"scenarios cannot write the sysctl {name}");
        using var file = Open(name);
        return SysctlFile.Write(file, value);
    }

    /// <summary>Keeps ports out of the automatic choice.</summary>
    /// <param name="list">Ports and ranges with commas between.</param>
    internal static void Reserve(string list)
    {
        using var file = Open(ReservedPorts);
        // The kernel reads no more than a page at once; what follows through the same descriptor adds to it (proc_do_large_bitmap()).
        for (var start = 0; start < list.Length;)
        {
            var end = list.Length - start <= LongestLine ? list.Length : list.LastIndexOf(',', start + LongestLine);
            var errno = SysctlFile.Write(file, list[start..end]);
            if (errno != Errno.None)
                throw new LiveUnavailableException($"{ReservedPorts} cannot be set: {errno}");
            start = end + 1;
        }
    }

    /// <summary>Sets a sysctl that no scenario can name.</summary>
    internal static void SetOwn(string name, int value)
    {
        using var file = Open(name);
        var errno = SysctlFile.Write(file, value.ToString(CultureInfo.InvariantCulture));
        if (errno != Errno.None)
            throw new LiveUnavailableException($"{name} cannot be set: {errno}");
    }

    /// <summary>The same, where the kernel has the sysctl: that of an interface that may not exist.</summary>
    internal static void SetOwnIfThere(string name, int value)
    {
        var errno = SysctlFile.Open(name, out var file);
        file.Dispose();
        if (errno != Errno.ENOENT)
            SetOwn(name, value);
    }

    private static SafeFileDescriptor Open(string name)
    {
        var errno = SysctlFile.Open(name, out var file);
        if (errno == Errno.None)
            return file;
        file.Dispose();
        throw new LiveUnavailableException(errno switch
        {
            Errno.ENOENT => $"this kernel has no sysctl {name}, or /proc is not mounted",
            Errno.EROFS or Errno.EACCES or Errno.EPERM => $"the sysctl {name} cannot be written here: {errno} (a container with a read-only /proc/sys?)",
            _ => $"the sysctl {name} cannot be opened: {errno}",
        });
    }
}
