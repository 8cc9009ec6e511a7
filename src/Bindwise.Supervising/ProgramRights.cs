using System.Runtime.Versioning;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Sysctls;

namespace Bindwise.Supervising;

/// <summary>
/// Whether the supervisor may do a call in the program's place without giving it more, or less, than it may do itself. Its socket brings its
/// network namespace, its user for SO_REUSEPORT and its cgroup along; privileged ports and security modules look at who calls.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ProgramRights
{
    private static ReadOnlySpan<byte> LabelFile => "attr/current"u8;

    private readonly byte[] _label = ThreadFile.Read(Environment.ProcessId, LabelFile).ToArray();
    private readonly ProcessStatus _own = ProcessStatus.Parse(ThreadFile.Read(Environment.ProcessId, "status"u8));
    private readonly NamespaceId? _users = NamespaceId.Of("/proc/self/ns/user\0"u8);
    private readonly NamespaceId? _network = NamespaceId.Of("/proc/self/ns/net\0"u8);
    private readonly int _firstUnprivileged = Math.Max(HostSettings.DefaultUnprivilegedPortStart, HostSettingsReader.Read(SettingParts.Privilege).FirstUnprivilegedPort);
    private bool _isSandboxed;

    /// <summary>
    /// A program under this supervisor restricts itself by Landlock, which nothing shows from outside: from here on the kernel does every call
    /// itself, with the program's own rights.
    /// </summary>
    internal void Sandbox() => _isSandboxed = true;

    /// <summary>The supervisor may bind this for the thread.</summary>
    internal bool MayBind(int thread, IpEndpoint endpoint) =>
        MayListen(thread) && (endpoint.Port == 0 || endpoint.Port >= _firstUnprivileged || IsSameUser(thread));

    /// <summary>The supervisor may listen for the thread.</summary>
    internal bool MayListen(int thread) => ThreadFile.IsOwn && !_isSandboxed && (_label.Length == 0 || ThreadFile.Read(thread, LabelFile).SequenceEqual(_label));

    /// <summary>Its user and network are the supervisor's: what is free for one is free for the other.</summary>
    internal bool IsSameUser(int thread)
    {
        var status = ProcessStatus.Parse(ThreadFile.Read(thread, "status"u8));
        return status.User is { } user && user == _own.User && status.EffectiveCapabilities == _own.EffectiveCapabilities
            && NamespaceOf(thread, "ns/user"u8) is { } users && users == _users && NamespaceOf(thread, "ns/net"u8) is { } network && network == _network;
    }

    private static NamespaceId? NamespaceOf(int thread, ReadOnlySpan<byte> file)
    {
        Span<byte> room = stackalloc byte[64];
        return ThreadFile.IsOwn ? NamespaceId.Of(ThreadFile.Path(room, thread, file)) : null;
    }
}
