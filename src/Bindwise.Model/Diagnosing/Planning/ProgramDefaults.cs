using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>
/// What the program in question does to its socket before bind(), as far as nobody told: by the pasted error; by the sockets on which the
/// program listens already; by its runtime.
/// </summary>
internal static class ProgramDefaults
{
    /// <summary>What is known; null when nothing is.</summary>
    public static PastedError? Of(Target target, Snapshot snapshot)
    {
        var shown = snapshot.Caller.As is { } program ? Shown(target, program) : null;
        return target.Pasted is not { } pasted ? shown : shown is null ? pasted : pasted with
        {
            SetsReuseAddress = pasted.SetsReuseAddress ?? shown.SetsReuseAddress,
            SetsReusePort = pasted.SetsReusePort ?? shown.SetsReusePort,
            SetsV6Only = pasted.SetsV6Only ?? shown.SetsV6Only,
            WildcardIsDualStack = pasted.WildcardIsDualStack ?? shown.WildcardIsDualStack,
        };
    }

    /// <summary>The listener whose options are taken for those of the next socket: the one on the port in question, else the first.</summary>
    public static HeldSocket? Model(Target target, Subject program)
    {
        if (target.Protocol != Protocol.Tcp || program.SetsReuseAddress is not null)
            return null;
        var known = program.Listeners.Where(static s => s.Protocol == Protocol.Tcp && s.ReuseAddress != Fact.Unknown).ToList();
        return known.Find(s => s.Local.Port == target.Port) ?? known.FirstOrDefault();
    }

    private static PastedError? Shown(Target target, Subject program)
    {
        if (program.SetsReuseAddress is not null || program.SetsReusePort is not null || program.SetsV6Only is not null)
            return new PastedError { SetsReuseAddress = program.SetsReuseAddress, SetsReusePort = program.SetsReusePort, SetsV6Only = program.SetsV6Only };
        var byRuntime = program.Process is { } process ? ProgramFamilies.Of(process, program.Runtime)?.Describe(target.Protocol, target.Address) : null;
        if (Model(target, program) is not { } model)
            return byRuntime;
        // Where its listeners differ from each other it decides case by case: then only the one on the very port tells.
        var alike = program.Listeners.Where(s => s.Protocol == Protocol.Tcp && (model.Local.Port != target.Port || s.Local.Port == target.Port)).ToList();
        var atWildcard = alike.Where(static s => s.Family == IpFamily.IPv6 && s.Local.Address.IsAny).ToList();
        var isAtWildcard = target.Address is null or { IsAny: true };
        return (byRuntime ?? new PastedError()) with
        {
            SetsReuseAddress = Agreed(alike, static s => s.ReuseAddress) ?? byRuntime?.SetsReuseAddress,
            SetsReusePort = Agreed(alike, static s => s.ReusePort) ?? byRuntime?.SetsReusePort,
            SetsV6Only = (isAtWildcard ? Agreed(atWildcard, static s => s.V6Only) : null) ?? byRuntime?.SetsV6Only,
        };
    }

    private static bool? Agreed(List<HeldSocket> sockets, Func<HeldSocket, Fact> option)
    {
        if (sockets.Count == 0 || option(sockets[0]) is var first && first == Fact.Unknown)
            return null;
        return sockets.TrueForAll(s => option(s) == first) ? first == Fact.Yes : null;
    }
}
