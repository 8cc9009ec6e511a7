using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Policies;

/// <summary>
/// CAP_NET_BIND_SERVICE, and whether it counts: in the user namespace that owns the network namespace, or in one above it
/// (ns_capable(), inet_port_requires_bind_service()). Only for ports that need it.
/// </summary>
internal static class PrivilegePolicies
{
    private const string Capability = "CAP_NET_BIND_SERVICE";
    private const ulong Bit = 1UL << CapabilityCall.BindService;

    internal static void Read(PolicySubject subject, ProcessStatus status, PolicyFindings findings)
    {
        if (status.Effective is not { } effective)
            return;
        var own = Identify(subject, "user");
        var owner = OwnerOfNetwork(subject, out var isAbove);
        if ((effective & Bit) == 0)
        {
            var detail = status.Bounding is { } bounding && (bounding & Bit) == 0
                ? $"{Capability} is not even in the bounding set: no program started from here can get it, not by setcap and not as root."
                : $"{Capability} is not in the effective set of capabilities.";
            findings.Add(new PolicyRecord { Kind = PolicyKind.Capability, Name = Capability, Where = own is { } id ? Name("user", id) : null, Detail = detail, Denies = Fact.Yes });
            return;
        }
        // A capability held in a namespace below the owner's does not reach up.
        if (!isAbove && (own is null || owner is null || own == owner))
            return;
        var isDenied = isAbove ? Fact.Yes : Fact.Unknown;
        findings.Add(new PolicyRecord
        {
            Kind = PolicyKind.UserNamespace,
            Name = Capability,
            Where = own is { } inode ? Name("user", inode) : null,
            Detail = $"{Capability} is held in a user namespace that does not own the network namespace{(Identify(subject, "net") is { } net ? " " + Name("net", net) : "")}: it does not count there.",
            Denies = isDenied,
        });
    }

    /// <summary>The user namespace that owns the process's network namespace; <paramref name="isAbove"/>: it lies outside of what the caller may see.</summary>
    private static ulong? OwnerOfNetwork(PolicySubject subject, out bool isAbove)
    {
        isAbove = false;
        var errno = NamespaceCall.Open(Terminate($"{subject.ProcFolder}/ns/net"), out var network);
        using (network)
        {
            if (errno != Errno.None)
                return null;
            errno = NamespaceCall.OwningUserNamespace(network, out var owner);
            using (owner)
            {
                isAbove = errno == Errno.EPERM && subject.ProcessId is null;
                return errno == Errno.None && FileStatusCall.Look(owner, out var status) == Errno.None ? status.Inode : null;
            }
        }
    }

    private static ulong? Identify(PolicySubject subject, string kind) =>
        FileStatusCall.Follow(Terminate($"{subject.ProcFolder}/ns/{kind}"), out var status) == Errno.None ? status.Inode : null;

    private static string Name(string kind, ulong inode) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{kind}:[{inode}]");

    private static byte[] Terminate(string path) => Encoding.UTF8.GetBytes(path + '\0');
}
