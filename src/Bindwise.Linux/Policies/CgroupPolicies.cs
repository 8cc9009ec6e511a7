using System.Buffers.Binary;
using Bindwise.Linux.Cgroups;

namespace Bindwise.Linux.Policies;

/// <summary>
/// BPF programs that a cgroup, or one above it, has on its bind() hooks (Documentation/bpf/prog_cgroup_sockopt.rst and its neighbours):
/// their names, which cgroup carries them, and of systemd's own what their rules say of this bind().
/// </summary>
internal static class CgroupPolicies
{
    private const int SocketCreate = 2;
    private const int BindIPv4 = 8;
    private const int BindIPv6 = 9;
    private const int PostBindIPv4 = 12;
    private const int PostBindIPv6 = 13;
    private const int MaximumDepth = 64;
    private const int MaximumRuleBytes = 128 * SystemdBindRules.RuleBytes;
    private const string SystemdPrefix = "sd_bind";

    /// <summary>systemd's RestrictNetworkInterfaces=: it is attached to several hooks, and refuses no socket.</summary>
    private const string SystemdInterfaces = "sd_restrictif";

    /// <summary>
    /// Whether a program runs at the calling thread's own bind(): Unknown without the right to ask (CAP_NET_ADMIN), or out of sight.
    /// </summary>
    internal static Fact RunsAtBind(IpFamily family)
    {
        var files = new ServiceFiles();
        if (PathOf(PolicySubject.Self, files) is not { } path)
            return Fact.No;
        if (Locate(path, files) is not { } found)
            return Fact.Unknown;
        foreach (var hook in HooksOf(family))
        {
            var errno = Query(found.Mount, found.Below, hook.Type, BpfCall.Effective, out var programs);
            if (errno is not (Errno.None or Errno.EINVAL))
                return Fact.Unknown;
            if (programs.Length > 0)
                return Fact.Yes;
        }
        return Fact.No;
    }

    internal static void Read(PolicySubject subject, BindRequest request, ServiceFiles files, PolicyFindings findings)
    {
        // Without a unified hierarchy there is nothing that a program could be attached to.
        if (PathOf(subject, files) is not { } path)
        {
            findings.Exclude(PolicyKind.CgroupBpf);
            return;
        }
        if (Locate(path, files) is not { } found)
        {
            findings.Miss($"BPF programs on the cgroup {path} (it is not mounted here)");
            return;
        }
        // From the cgroup up to the mount's top, each as the kernel names it and as it is found here.
        var levels = CgroupPath.Levels(path, found.Below).Take(MaximumDepth).ToList();
        var mount = found.Mount;
        var hooks = HooksOf(request.Address.Family);
        var isNone = true;
        foreach (var hook in hooks)
        {
            var errno = Query(mount, levels[0].Below, hook.Type, BpfCall.Effective, out var programs);
            // A kernel without the hook has no program on it.
            if (errno is not (Errno.None or Errno.EINVAL))
            {
                findings.Miss($"BPF programs on the cgroup {path} ({errno})");
                return;
            }
            foreach (var program in programs)
                findings.Add(Describe(program, hook, mount, levels, request));
            isNone &= programs.Length == 0;
        }
        if (isNone)
            findings.Exclude(PolicyKind.CgroupBpf);
    }

    private static string? PathOf(PolicySubject subject, ServiceFiles files) =>
        subject.CgroupPath ?? CgroupFile.Parse(files.Read(subject.ProcFolder + "/cgroup")).Unified;

    private static (MountInfo Mount, string Below)? Locate(string path, ServiceFiles files) =>
        files.Mounts("cgroup2").LastOrDefault() is { } mount
            && CgroupMounts.Below(mount.Root, path) is { } below
            ? (mount, below)
            : null;

    private static Hook[] HooksOf(IpFamily family) => family == IpFamily.IPv4
        ? [CreateHook, new(PolicyHook.Bind, BindIPv4, "cgroup/bind4"), new(PolicyHook.PostBind, PostBindIPv4, "cgroup/post_bind4")]
        : [CreateHook, new(PolicyHook.Bind, BindIPv6, "cgroup/bind6"), new(PolicyHook.PostBind, PostBindIPv6, "cgroup/post_bind6")];

    private static readonly Hook CreateHook = new(PolicyHook.SocketCreate, SocketCreate, "cgroup/sock_create");

    private sealed record Hook(PolicyHook When, int Type, string Name);

    private static PolicyRecord Describe(uint program, Hook hook, MountInfo mount, List<(string Path, string Below)> levels,
        BindRequest request)
    {
        var carrier = levels.FirstOrDefault(
            level => Query(mount, level.Below, hook.Type, 0, out var own) == Errno.None && own.Contains(program)).Path;
        var known = BpfCall.Describe(program, out var described) == Errno.None;
        var record = new PolicyRecord(PolicyKind.CgroupBpf,
            Name: known && described.Name.Length > 0 ? described.Name : string.Create(CultureInfo.InvariantCulture, $"program {program}"),
            Where: carrier, Hook: hook.When, Detail: string.Create(CultureInfo.InvariantCulture, $"{hook.Name}, id {program}"));
        if (known && hook.When == PolicyHook.SocketCreate && described.Name.StartsWith(SystemdInterfaces, StringComparison.Ordinal))
            return record with { Denies = Fact.No };
        return known && described.Name.StartsWith(SystemdPrefix, StringComparison.Ordinal) ? Judge(record, described, request) : record;
    }

    /// <summary>What systemd's rules say of this bind().</summary>
    private static PolicyRecord Judge(PolicyRecord record, BpfProgram program, BindRequest request)
    {
        string? allowed = null, denied = null;
        foreach (var map in program.Maps)
        {
            if (BpfCall.ReadArray(map, MaximumRuleBytes, out var name, out var size, out var rules) != Errno.None
                || (name is SystemdBindRules.AllowMap or SystemdBindRules.DenyMap && size != SystemdBindRules.RuleBytes))
                return record;
            var isKnown = true;
            if (name == SystemdBindRules.AllowMap)
                allowed = SystemdBindRules.Match(rules, request, out isKnown);
            else if (name == SystemdBindRules.DenyMap)
                denied = SystemdBindRules.Match(rules, request, out isKnown);
            if (!isKnown)
                return record;
        }
        return denied is not null && allowed is null
            ? record with { Denies = Fact.Yes, Detail = $"{record.Detail}: SocketBindDeny={denied}" }
            : record with { Denies = Fact.No };
    }

    private static Errno Query(MountInfo mount, string below, int hook, uint flags, out uint[] programs)
    {
        programs = [];
        var errno = OpenAt.Open(OpenAt.WorkingDirectory, [.. mount.Point, .. Encoding.UTF8.GetBytes(below), 0], out var number);
        using var directory = new SafeFileDescriptor(number);
        return errno == Errno.None ? BpfCall.Query(number, hook, flags, out programs) : errno;
    }
}

/// <summary>
/// The rules of systemd's SocketBindAllow= and SocketBindDeny=, as its program on the cgroup reads them from two maps
/// (src/core/bpf/socket-bind/socket-bind-api.bpf.h, systemd 250): a bind() that a rule of each fits is allowed.
/// </summary>
internal static class SystemdBindRules
{
    internal const string AllowMap = "sd_bind_allow";
    internal const string DenyMap = "sd_bind_deny";
    internal const int RuleBytes = 12;

    /// <summary>SOCKET_BIND_RULE_AF_MATCH_NOTHING: what fills an empty map.</summary>
    private const uint MatchesNothing = uint.MaxValue;
    private const uint AnyFamily = 0;
    private const uint FamilyIPv4 = 2;
    private const uint FamilyIPv6 = 10;
    private const uint Tcp = 6;
    private const uint Udp = 17;

    /// <summary>
    /// The first rule that fits, as the unit's setting spells it (<c>ipv4:tcp:8080</c>, <c>any</c>); null when none does.
    /// </summary>
    /// <param name="isKnown">False when the elements have another form than this version knows.</param>
    internal static string? Match(ReadOnlySpan<byte> rules, BindRequest request, out bool isKnown)
    {
        isKnown = rules.Length % RuleBytes == 0;
        for (var rest = rules; isKnown && !rest.IsEmpty; rest = rest[RuleBytes..])
        {
            var family = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            var protocol = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            var count = BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]);
            var first = BinaryPrimitives.ReadUInt16LittleEndian(rest[10..]);
            if (family == MatchesNothing)
                continue;
            isKnown = family is AnyFamily or FamilyIPv4 or FamilyIPv6 && protocol is 0 or Tcp or Udp;
            if (isKnown && Fits(family, protocol, count, first, request))
                return Spell(family, protocol, count, first);
        }
        return null;
    }

    private static bool Fits(uint family, uint protocol, ushort count, ushort first, BindRequest request) =>
        (family == AnyFamily || family == (request.Address.Family == IpFamily.IPv4 ? FamilyIPv4 : FamilyIPv6))
        && (protocol == 0 || protocol == (request.Protocol == Protocol.Tcp ? Tcp : Udp))
        && (count == 0 || (request.Port >= first && request.Port < first + count));

    private static string Spell(uint family, uint protocol, ushort count, ushort first)
    {
        var parts = new List<string>();
        if (family != AnyFamily)
            parts.Add(family == FamilyIPv4 ? "ipv4" : "ipv6");
        if (protocol != 0)
            parts.Add(protocol == Tcp ? "tcp" : "udp");
        if (count != 0)
            parts.Add(count == 1 ? first.ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{first}-{first + count - 1}"));
        return parts.Count == 0 ? "any" : string.Join(':', parts);
    }
}
