using Bindwise.Linux.Threads;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>
/// Which network namespaces there are, read on a thread of its own while the kernel walks over its sockets: on a busy host each takes
/// milliseconds.
/// </summary>
internal sealed class NamespacesAhead
{
    private readonly Thread? _thread;
    private NamespaceEnumeration? _taken;

    private NamespacesAhead() => _thread = BackgroundThread.Begin("shared work", () => _taken = NamespaceEnumeration.Take());

    /// <returns>Null where there is nothing to gain by it: the host is not busy.</returns>
    internal static NamespacesAhead? Begin() => SharedWork.IsHostBusy() ? new NamespacesAhead() : null;

    /// <summary>Waits for it; null where there was no thread.</summary>
    internal NamespaceEnumeration? Take()
    {
        _thread?.Join();
        return _taken;
    }
}
