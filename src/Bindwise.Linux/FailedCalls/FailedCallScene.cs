using Bindwise.Linux.NetworkNamespaces;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// What is kept of a failed call until its reason is found: its process, and an open file of its network namespace, which may end with
/// that process. It is kept no longer: a namespace that somebody holds open keeps its interfaces, and whoever deleted it waits for them.
/// </summary>
/// <param name="process">As it was; null where it was gone.</param>
/// <param name="network">Null where it was not to be had, or is the reader's own.</param>
internal sealed class FailedCallScene(ProcessRecord? process, SafeFileDescriptor? network) : IDisposable
{
    internal ProcessRecord? Process { get; } = process;

    internal SafeFileDescriptor? Network { get; } = network;

    /// <summary>Opens the network namespace of a call's process; null where the process is gone, or in another one.</summary>
    internal static SafeFileDescriptor? OpenNetwork(FailedCall call)
    {
        if (call.Process <= 0)
            return null;
        var network = new ForeignNetwork(call.Network);
        // Each thread has its own; /proc has it by its number too.
        network.Processes.Add(call.Thread > 0 ? call.Thread : call.Process);
        return ForeignSockets.Open(network);
    }

    public void Dispose() => Network?.Dispose();
}
