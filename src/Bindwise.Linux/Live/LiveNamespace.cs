using System.Collections;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live;

/// <summary>
/// A network namespace of our own. It lives as long as its descriptor, a socket in it or a thread in it; the kernel clears it away in the
/// background (cleanup_net(), net/core/net_namespace.c). So nothing is left behind, however this process ends.
/// </summary>
internal sealed class LiveNamespace : IDisposable
{
    private readonly BitArray _usedPorts = new(ushort.MaxValue + 1);

    private LiveNamespace(SafeFileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>What keeps it alive, and how a thread gets into it.</summary>
    internal SafeFileDescriptor Descriptor { get; }

    /// <summary>How many scenarios were played in it, or are.</summary>
    internal int Scenarios { get; private set; }

    /// <summary>How many scenarios are being played in it.</summary>
    internal int Leases { get; private set; }

    /// <summary>It takes no further scenario.</summary>
    internal bool IsRetired { get; set; }

    /// <summary>Makes one; the calling thread is in it afterwards.</summary>
    /// <exception cref="LiveUnavailableException">This user, or this system, cannot.</exception>
    internal static LiveNamespace Create(bool hasPair)
    {
        var errno = NetworkNamespaceCall.Unshare();
        if (errno != Errno.None)
            throw new LiveUnavailableException(errno, Explain(errno));
        NamespaceSetup.Build(hasPair);
        return new LiveNamespace(OpenCurrent());
    }

    /// <summary>One that somebody else made, and its descriptor's owner gives back.</summary>
    internal static LiveNamespace Of(SafeFileDescriptor descriptor) => new(descriptor);

    internal static SafeFileDescriptor OpenCurrent()
    {
        var errno = NamespaceCall.Open("/proc/thread-self/ns/net\0"u8, out var descriptor);
        return errno == Errno.None ? descriptor
            : throw new LiveUnavailableException(errno, $"/proc/thread-self/ns/net cannot be opened: {errno}");
    }

    internal bool HasUsed(ReadOnlySpan<ushort> ports)
    {
        foreach (var port in ports)
        {
            if (_usedPorts[port])
                return true;
        }
        return false;
    }

    /// <summary>A scenario begins that uses these ports.</summary>
    internal void Enter(ReadOnlySpan<ushort> ports)
    {
        Scenarios++;
        Leases++;
        foreach (var port in ports)
            _usedPorts[port] = true;
    }

    /// <summary>A scenario ended; the last one in a retired namespace ends it too.</summary>
    internal void Leave()
    {
        Leases--;
        if (IsRetired && Leases == 0)
            Dispose();
    }

    public void Dispose() => Descriptor.Dispose();

    private static string Explain(Errno errno) => errno switch
    {
        Errno.EPERM => "running on the kernel needs the right to create network namespaces: run it as root",
        Errno.EINVAL or Errno.ENOSYS => "running on the kernel needs network namespaces, and this kernel has none (CONFIG_NET_NS)",
        Errno.ENOSPC => "cannot create another network namespace: user.max_net_namespaces is reached",
        _ => $"cannot create a network namespace: {errno}",
    };
}

/// <summary>
/// The range from which a new namespace gives out ports (net.ipv4.ip_local_port_range; ip_local_ports, net/ipv4/af_inet.c).
/// </summary>
internal static class NamespacePortRange
{
    private const ushort First = HostSettings.DefaultLocalPortFirst;
    private const ushort Last = HostSettings.DefaultLocalPortLast;

    internal static bool Includes(ImmutableArray<ushort> ports) => ports.Any(static port => port is >= First and <= Last);

    /// <summary>
    /// Those of the range, as net.ipv4.ip_local_reserved_ports takes them: no automatic port then meets one that the scenario names. That
    /// changes which ports are given out and nothing else. Null when there are none.
    /// </summary>
    internal static string? Reservation(ImmutableArray<ushort> ports)
    {
        StringBuilder? list = null;
        for (var index = 0; index < ports.Length; index++)
        {
            var first = ports[index];
            if (first is < First or > Last)
                continue;
            while (index + 1 < ports.Length && ports[index + 1] == ports[index] + 1)
                index++;
            list = list is null ? new StringBuilder() : list.Append(',');
            _ = list.Append(CultureInfo.InvariantCulture, $"{first}-{ports[index]}");
        }
        return list?.ToString();
    }
}

/// <summary>Writes the sysctls of the calling thread's network namespace.</summary>
internal static class LiveSysctl
{
    private const string ReservedPorts = "net.ipv4.ip_local_reserved_ports";
    private const int LongestLine = 2_000;

    /// <exception cref="LiveUnavailableException">The sysctl is none that scenarios know, or this
    /// system does not let it be written.</exception>
    internal static Errno Write(string name, string value)
    {
        if (ScenarioSysctls.Find(name) is null)
            throw new LiveUnavailableException($"scenarios cannot write the sysctl {name}");
        var errno = SysctlFile.Open(name, out var own);
        using (own)
        {
            if (errno == Errno.None)
                return SysctlFile.Write(own, value);
        }
        // Another release of the kernel may not have it: that is an answer, where /proc is there.
        using var any = Open(errno == Errno.ENOENT ? ReservedPorts : name);
        return errno;
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
                throw new LiveUnavailableException(errno, $"{ReservedPorts} cannot be set: {errno}");
            start = end + 1;
        }
    }

    /// <summary>Sets a sysctl that no scenario can name.</summary>
    internal static void SetOwn(string name, int value)
    {
        using var file = Open(name);
        var errno = SysctlFile.Write(file, value.ToString(CultureInfo.InvariantCulture));
        if (errno != Errno.None)
            throw new LiveUnavailableException(errno, $"{name} cannot be set: {errno}");
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
        throw new LiveUnavailableException(errno, errno switch
        {
            Errno.ENOENT => $"this kernel has no sysctl {name}, or /proc is not mounted",
            Errno.EROFS or Errno.EACCES or Errno.EPERM =>
                $"the sysctl {name} cannot be written here: {errno} (a container with a read-only /proc/sys?)",
            _ => $"the sysctl {name} cannot be opened: {errno}",
        });
    }
}
