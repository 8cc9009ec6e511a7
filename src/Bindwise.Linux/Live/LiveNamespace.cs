using System.Collections;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Live;

/// <summary>
/// A network namespace of our own. It lives as long as its descriptor, a socket in it or a thread in it; the kernel clears it away in
/// the background (cleanup_net(), net/core/net_namespace.c). So nothing is left behind, however this process ends.
/// </summary>
internal sealed class LiveNamespace : IDisposable
{
    private readonly BitArray _usedPorts = new(ushort.MaxValue + 1);

    private LiveNamespace(SafeFileDescriptor descriptor, bool hasPair)
    {
        Descriptor = descriptor;
        HasPair = hasPair;
    }

    /// <summary>What keeps it alive, and how a thread gets into it.</summary>
    internal SafeFileDescriptor Descriptor { get; }

    /// <summary>The veth pair stands in it.</summary>
    internal bool HasPair { get; }

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
            throw new LiveUnavailableException(Explain(errno));
        NamespaceSetup.Build(hasPair);
        return new LiveNamespace(OpenCurrent(), hasPair);
    }

    /// <summary>One that somebody else made, and its descriptor's owner gives back.</summary>
    internal static LiveNamespace Of(SafeFileDescriptor descriptor) => new(descriptor, hasPair: false);

    /// <summary>A descriptor of the namespace that the calling thread is in.</summary>
    internal static SafeFileDescriptor OpenCurrent()
    {
        var errno = NamespaceCall.Open("/proc/thread-self/ns/net\0"u8, out var descriptor);
        return errno == Errno.None ? descriptor : throw new LiveUnavailableException($"/proc/thread-self/ns/net cannot be opened: {errno}");
    }

    /// <summary>Whether any of the ports was used in it before.</summary>
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

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private static string Explain(Errno errno) => errno switch
    {
        Errno.EPERM => "running on the kernel needs the right to create network namespaces: run it as root",
        Errno.EINVAL or Errno.ENOSYS => "running on the kernel needs network namespaces, and this kernel has none (CONFIG_NET_NS)",
        Errno.ENOSPC => "cannot create another network namespace: user.max_net_namespaces is reached",
        _ => $"cannot create a network namespace: {errno}",
    };
}
