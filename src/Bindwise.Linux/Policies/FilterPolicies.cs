using System.Globalization;
using Bindwise.Linux.Native;
using Bindwise.Model.Addresses;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Policies;

/// <summary>Filters of system calls (seccomp(2)), and Landlock, of which nothing can be read.</summary>
internal static class FilterPolicies
{
    private const int StrictMode = 1;
    private const int FilterMode = 2;

    /// <summary>The version of Landlock's interface that brought the ports of TCP (Linux 6.7).</summary>
    private const int VersionWithPorts = 4;

    /// <summary>
    /// A filter sees the number of a system call, not the address: so bind() on no descriptor meets the same answer, and changes nothing.
    /// A supervisor (user notification) does see the address: what passes it once may be refused another time.
    /// </summary>
    internal static void ReadSeccomp(PolicySubject subject, BindRequest request, ProbedCall call, ProcessStatus status, PolicyFindings findings)
    {
        var (question, usual, answer) = call switch
        {
            _ when subject.ProcessId is not null => ("", Errno.None, Errno.None),
            ProbedCall.Socket => ("A socket() of no type that exists", Errno.EINVAL, SocketCall.OpenNothing((int)request.Address.Family)),
            ProbedCall.Listen => ("A listen() on no descriptor at all", Errno.EBADF, ListenCall.ListenNothing()),
            _ => ("A bind() on no descriptor at all", Errno.EBADF, BindCall.BindNothing()),
        };
        if (answer != usual)
        {
            findings.Add(Record(status, Fact.Yes, $"{question} returns {answer} instead of {usual}: a system call filter answers instead of the kernel."));
            return;
        }
        // A kernel without filters does not have the line.
        if (status.SeccompMode == 0 || status is { SeccompMode: null, Effective: not null })
            findings.Exclude(PolicyKind.Seccomp);
        else if (status.SeccompMode == StrictMode)
            findings.Add(Record(status, Fact.Unknown, "The process runs in seccomp's strict mode, in which every call but read(), write() and exit() ends it."));
        else if (status.SeccompMode == FilterMode)
            findings.Add(Record(status, Fact.Unknown, subject.ProcessId is not null ? null : $"A seccomp filter is active; it allows {call.ToString().ToLowerInvariant()}() in general, so only a supervisor could refuse some ports."));
    }

    /// <summary>Whether a ruleset is in force nothing tells; only that it cannot be.</summary>
    internal static void ReadLandlock(BindRequest request, ProcessStatus status, HashSet<PolicyKind>? active, PolicyFindings findings)
    {
        var errno = SecurityModuleCall.LandlockVersion(out var version);
        var isOff = errno is Errno.ENOSYS or Errno.EOPNOTSUPP || (active is not null && !active.Contains(PolicyKind.Landlock));
        if (isOff || request.Protocol != Protocol.Tcp || version is > 0 and < VersionWithPorts || MayNotRestrictItself(status))
            findings.Exclude(PolicyKind.Landlock);
    }

    /// <summary>landlock_restrict_self(2) asks for no_new_privs or CAP_SYS_ADMIN; neither was ever there.</summary>
    private static bool MayNotRestrictItself(ProcessStatus status) =>
        status is { NoNewPrivileges: 0, Bounding: { } bounding } && (bounding & (1UL << CapabilityCall.SystemAdministration)) == 0;

    private static PolicyRecord Record(ProcessStatus status, Fact denies, string? detail) => new()
    {
        Kind = PolicyKind.Seccomp,
        Name = status.SeccompFilters is { } count ? string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "filter" : "filters")}") : "",
        Detail = detail,
        Denies = denies,
    };
}
