using Bindwise.Model.Diagnosing.Causes;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Sentences;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing.Remarks;

/// <summary>The dangers ahead of a bind that works, and traps beside one that does not.</summary>
internal static class WarningFinder
{
    public static IEnumerable<Remark> Of(DiagnosisContext context)
    {
        if (context.Target.Protocol == Protocol.Unix)
        {
            if (OldServer(context) is { } old)
                yield return old;
            yield break;
        }
        if (InEphemeralRange(context) is { } ephemeral)
            yield return ephemeral;
        if (context.Verdict == Verdict.Free)
        {
            foreach (var warning in Shadows(context))
                yield return warning;
            if (SharedWithBound(context) is { } shared)
                yield return shared;
        }
        if (AskedAfterwards(context) is { } after)
            yield return after;
        foreach (var warning in HolderWarnings.Of(context))
            yield return warning;
        if (UdpBeside.Remark(context) is { } udp)
            yield return udp;
        if (ElsewhereFinder.Remark(context) is { } elsewhere)
            yield return elsewhere;
        if (context.Asked.Concat(context.Others).Any(static j => j.Contradicts))
            yield return new Remark
            {
                Id = "rules-and-kernel-disagree",
                Text = "The rules and this kernel disagree here; the answer is the kernel's. Please report the scenario (--verbose prints "
                    + "it).",
            };
    }

    /// <summary>A program on the cgroup that is asked once bind() has got the port: with the holder gone it may still refuse.</summary>
    private static Remark? AskedAfterwards(DiagnosisContext context)
    {
        if (context.Verdict == Verdict.Free || context.Main is null || context.Snapshot.Policies is not { } survey)
            return null;
        var programs = survey.Found.Where(static r => r is { Hook: PolicyHook.PostBind, Denies: Fact.Unknown })
            .Select(static r => PolicyNames.Label(PolicyFinder.Named(r, false)))
            .Distinct(StringComparer.Ordinal).ToList();
        return programs.Count == 0 ? null
            : new Remark
            {
                Id = "policy-afterwards",
                Text = $"Once the port is free, {PolicyNames.Or(programs)} is asked and may refuse it (EPERM).",
            };
    }

    /// <summary>A server bound under this name that the bind does not meet: its file is gone or replaced, or its type is another.</summary>
    private static Remark? OldServer(DiagnosisContext context)
    {
        var old = context.Snapshot.Sockets.FirstOrDefault(
            s => s.Path == context.Target.Path && s.State != TcpSocketState.Established && context.Blockers.All(b => b.Socket != s));
        if (old is null)
            return null;
        var owner = ProcessNames.Of(context.Holders.OwnersOf(old.Inode), "Another socket");
        return context.Name.StartsWith('@')
            ? new Remark
            {
                Id = "name-of-another-type",
                Text = $"{owner} has this name for a socket of another type (datagram or seqpacket), which does not block a stream socket.",
            }
            : new Remark
            {
                Id = "bound-to-removed-file",
                Text = $"{owner} is still bound to this name, but its file has been removed or replaced, so new clients do not reach it.",
            };
    }

    /// <summary>Any outgoing connection may be given the port.</summary>
    internal static bool IsInEphemeralRange(DiagnosisContext context) => context.Plan.Port is { } port and not 0
        && CauseFinder.IsEphemeral(port, context.Snapshot) && !context.Snapshot.Settings.ReservedPorts.Any(r => r.Contains(port));

    private static Remark? InEphemeralRange(DiagnosisContext context)
    {
        if (context.Verdict != Verdict.Free || !IsInEphemeralRange(context))
            return null;
        var (port, settings) = (context.Plan.Port ?? 0, context.Snapshot.Settings);
        return new Remark
        {
            Id = "in-ephemeral-range",
            Text = $"Port {Wording.Number(port)} is in the ephemeral range ({Wording.Number(settings.LocalPortFirst ?? 0)} to "
                + $"{Wording.Number(settings.LocalPortLast ?? 0)}): an outgoing connection may take it before your server starts.",
        };
    }

    /// <summary>Listeners that leave the bind alone and yet get the traffic that was meant for it.</summary>
    private static IEnumerable<Remark> Shadows(DiagnosisContext context)
    {
        foreach (var socket in context.Snapshot.Sockets)
        {
            var receives = socket.State == TcpSocketState.Listen || (socket.Protocol == Protocol.Udp && socket.Remote.Port == 0);
            if (!receives || socket.Protocol != context.Target.Protocol || socket.Local.Port != context.Plan.Port)
                continue;
            var owner = ProcessNames.Of(context.Holders.OwnersOf(socket.Inode), "Another socket");
            foreach (var request in context.Asked.Select(static j => j.Request))
            {
                if (socket.DeviceIndex != 0 && request.Device is { } device
                    && AddressRules.DeviceIndexOf(device, context.Snapshot.Interfaces) != socket.DeviceIndex)
                    continue;
                if (ShadowOf(request.Address, socket) is not { } how)
                    continue;
                // Asked about both families, the new server is on that one as well.
                if (how == "shadowed-by-other-family"
                    && context.Asked.Any(j => j.Request.Address.AsIPv4 is null == socket.Local.Address.AsIPv4 is null))
                    continue;
                yield return new Remark
                {
                    Id = how,
                    Text = how == "shadowed-by-other-family"
                        ? $"{owner} is on {socket.Local}: clients that connect to localhost may reach it instead of your server."
                        : $"{owner} is on {socket.Local}, a more specific address, and gets what is sent there.",
                };
                break;
            }
        }
    }

    private static string? ShadowOf(IpAddress want, HeldSocket socket)
    {
        var held = socket.Local.Address;
        if (want.IsAny && !held.IsAny && (want.Family == held.Family || want.Family == IpFamily.IPv6))
            return "shadowed-by-specific-address";
        var isOtherFamily = want.AsIPv4 is null != held.AsIPv4 is null;
        var bothReachable = (want.IsAny || want.IsLoopback) && (held.IsAny || held.IsLoopback);
        return isOtherFamily && bothReachable ? "shadowed-by-other-family" : null;
    }

    private static Remark? SharedWithBound(DiagnosisContext context)
    {
        var bound = context.Snapshot.Sockets.FirstOrDefault(
            s => s.Protocol == Protocol.Tcp && s.State == TcpSocketState.Bound && s.Local.Port == context.Plan.Port);
        return bound is null || context.Decisive.Rule.Id.Value != "BW006" ? null
            : new Remark
            {
                Id = "only-one-may-listen",
                Text = $"{ProcessNames.Of(context.Holders.OwnersOf(bound.Inode), "Another socket")} is bound to {bound.Local} too; only "
                    + $"the "
                    + "first of the two to call listen() gets the port.",
            };
    }
}

/// <summary>What is unusual about the program that holds the port, said only where it is true of it.</summary>
internal static class HolderWarnings
{
    /// <summary>So many restarts are no accident.</summary>
    private const int ManyRestarts = 3;

    public static IEnumerable<Remark> Of(DiagnosisContext context)
    {
        if (context.Verdict == Verdict.Free || context.Main is not { Owners: [var owner, ..] } main
            || main.Socket.State is not (TcpSocketState.Listen or TcpSocketState.Close) || main.Kernel is not null)
            yield break;
        var name = ProcessNames.Plain(owner.Process);
        var origin = owner.StartedFrom;
        var isDevelopment = origin is { Tool.Kind: ToolKind.Runner or ToolKind.Watcher } or { Editor: not null };
        if (main.Socket is { Local.Address.IsAny: true, DeviceIndex: 0 }
            && (isDevelopment || (IsLocalhost(context) && origin?.ProjectFolder is not null)))
            yield return new Remark
            {
                Id = "wildcard",
                Text = $"{name} listens on every address, so other machines on the network can reach it; localhost would keep it to this "
                    + "one.",
            };
        if (owner.Process is { UserId: 0, Container: null }
            && (isDevelopment || (origin?.ProjectFolder is not null && ScriptNames.Of(owner.Process) is not null)))
            yield return new Remark { Id = "runs-as-root", Text = $"{name} runs as root." };
        if (ListenerPlan.FullQueue(main.Socket) is { } waiting)
            yield return new Remark { Id = "accept-queue-full", Text = $"{name} accepts no connections: {waiting}." };
        if (owner.Process.ExecutableDeleted)
            yield return new Remark
            {
                Id = "executable-deleted",
                Text = $"The executable of {name} was deleted or replaced after it started, so a restart may run another version.",
            };
        if (owner.Process.Restarts is >= ManyRestarts and var restarts)
            yield return new Remark { Id = "restarted-often", Text = $"{name} has been restarted {Wording.Number(restarts)} times." };
    }

    /// <summary>Asked about localhost alone, while the holder is on every address.</summary>
    private static bool IsLocalhost(DiagnosisContext context) =>
        context.Target.Host == "localhost" || context.Target.Address is { IsLoopback: true };
}
