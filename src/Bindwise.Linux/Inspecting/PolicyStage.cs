using Bindwise.Linux.KernelServices;
using Bindwise.Linux.Policies;

namespace Bindwise.Linux.Inspecting;

/// <summary>Policies beside those that answer a bind(): BPF programs on the cgroup, and those of another process.</summary>
internal static class PolicyStage
{
    /// <summary>
    /// The snapshot with the programs on this run's cgroup that are asked at bind(): they may refuse a port once it is free, or bind
    /// another one. Without the right to ask for them, as it was.
    /// </summary>
    public static Snapshot WithPrograms(ImmutableArray<BindRequest> asked, Snapshot snapshot)
    {
        var found = asked.Where(static r => r.Protocol != Protocol.Unix).DistinctBy(static r => r.Address.Family)
            .SelectMany(static r => PolicyReader.ReadPrograms(PolicySubject.Self, r).Found).Distinct().ToList();
        return found.Count == 0 ? snapshot : snapshot with { Policies = new PolicySurvey { Found = [.. found] } };
    }

    /// <summary>
    /// The snapshot with the policies of the process as which it is answered: a probe stands neither in its cgroup nor behind its filters.
    /// </summary>
    public static Snapshot OfProgram(int process, BindRequest request, Snapshot snapshot)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, process);
        return access.IsAllowed
            ? snapshot with { Policies = OfProcess(process, request, PolicyReader.NeedsPrivilege(request, snapshot.Settings)) }
            : snapshot;
    }

    private static PolicySurvey OfProcess(int process, BindRequest request, bool needsPrivilege)
    {
        var survey = PolicyReader.Read(new PolicySubject(process), request, needsPrivilege);
        var own = survey.Found.Any(static r => r.Kind == PolicyKind.CgroupBpf)
            ? PolicyReader.ReadPrograms(PolicySubject.Self, request).Found : [];
        return survey with { Found = [.. survey.Found.Select(r => r with { GovernsCaller = own.Contains(r) })] };
    }
}

/// <summary>Looks for the kernel behind sockets that no process shows; where every socket has a holder, nothing is read.</summary>
internal static class KernelServiceStage
{
    /// <summary>The snapshot with what the kernel tells of its own services, and with the options that it tells of their sockets.</summary>
    public static Snapshot Complete(Snapshot snapshot, IReadOnlyList<HeldSocket> onPort)
    {
        List<HeldSocket> ownerless = [.. Ownerless(onPort, snapshot.Holders)];
        if (ownerless.Count == 0)
            return snapshot;
        var survey = KernelServiceReader.Read(ownerless[0].Protocol, ownerless);
        if (SocketWalk.Read(ownerless[0].Protocol, ownerless[0].Local.Port) is not { } walked)
            return snapshot with { KernelSurvey = survey };
        var cookies = ownerless.Select(static s => s.Cookie).ToHashSet();
        var records = walked.Where(r => cookies.Contains(r.Cookie)).DistinctBy(static r => r.Cookie).ToDictionary(static r => r.Cookie);
        return snapshot with
        {
            KernelSurvey = survey with { SocketsWalked = true, Sockets = [.. records.Values] },
            Sockets = [.. snapshot.Sockets.Select(s => records.TryGetValue(s.Cookie, out var record) ? WithOptions(s, record) : s)],
        };
    }

    /// <summary>
    /// The same for the sockets of all ports, without a look at each of them: where every process was seen, so that a socket without a
    /// holder is rare, and probably the kernel's own.
    /// </summary>
    public static Snapshot CompleteAll(Snapshot snapshot)
    {
        if (!snapshot.Coverage.IsEveryProcessSeen)
            return snapshot;
        var surveys = Ownerless(snapshot.Sockets, snapshot.Holders)
            .GroupBy(static s => s.Protocol).Select(static all => KernelServiceReader.Read(all.Key, [.. all])).ToList();
        return surveys is not [var first, ..] ? snapshot
            : snapshot with { KernelSurvey = first with { Services = [.. surveys.SelectMany(static one => one.Services)] } };
    }

    private static IEnumerable<HeldSocket> Ownerless(IEnumerable<HeldSocket> sockets, ImmutableArray<Holder> holders)
    {
        var held = Holder.InodesOf(holders);
        return sockets.Where(s => s.Protocol != Protocol.Unix && s.Inode != 0 && !held.Contains(s.Inode));
    }

    /// <summary>No process lends its descriptor of the socket, so its options are told by the socket itself.</summary>
    private static HeldSocket WithOptions(HeldSocket socket, KernelSocketRecord record) => socket with
    {
        ReuseAddress = socket.ReuseAddress == Fact.Unknown ? record.ReuseAddress : socket.ReuseAddress,
        ReusePort = socket.ReusePort == Fact.Unknown ? record.ReusePort : socket.ReusePort,
    };
}
