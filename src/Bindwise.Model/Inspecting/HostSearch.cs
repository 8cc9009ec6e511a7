using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Inspecting;

/// <summary>
/// The order in which a host is asked: the narrow question first, a wider one only if the answer needs it. It says what to ask next, from
/// what is known so far; a <see cref="IHostReader"/> asks. What is known is here alone: the reader returns it with each answer, and keeps
/// nothing.
/// </summary>
internal sealed partial class HostSearch
{
    /// <summary>How often a port is looked at while it changes.</summary>
    private const int Reads = 4;

    private readonly InspectionRequest _request;
    private readonly IHostReader _host;
    private Snapshot _beforeReading;
    private HashSet<ulong>? _listenersFirst;
    private bool _keepsChanging;
    private bool _hasSoughtAgain;
    private bool _hasReadAgain;

    private HostSearch(InspectionRequest request, IHostReader host, Snapshot known) =>
        (_request, _host, Snapshot, _beforeReading) = (request, host, known, known);

    private RequestPlan Plan { get; set; } = new();
    private Snapshot Snapshot { get; set; }

    /// <summary>Asks the host until its snapshot holds what the answer stands on.</summary>
    /// <param name="known">What is known already: the names that were looked up.</param>
    /// <exception cref="InspectionException">The system cannot answer.</exception>
    public static Snapshot Run(InspectionRequest request, IHostReader host, Snapshot known) => new HostSearch(request, host, known).Run();

    private Snapshot Run()
    {
        var target = _request.Target;
        Snapshot = _host.ReadHost(Snapshot,
            withInterfaces: target.Host is not (null or "*" or "+") || target.Scope is not null || target.Destination is not null
                || _request.Options.Device is not null);
        Plan = RequestPlan.From(target, _request.Options, Snapshot);
        if (Plan.Asked.IsEmpty)
            throw new InspectionException($"no address was found for {target.Host}: give an address, such as 127.0.0.1:{target.Port}");
        if (Snapshot.Caller.As?.Process is { } process && Plan.Asked.FirstOrDefault(static r => r.Protocol != Protocol.Unix) is { } request)
            Snapshot = _host.ReadProgramPolicies(Snapshot, process.Id, request);
        _beforeReading = Snapshot;
        try
        {
            ReadTable();
        }
        catch (TableUnreadException e) when (target.Protocol != Protocol.Unix && !e.IsForWantOfDescriptors)
        {
            GiveUpTheTable(e.Message);
        }
        catch (TableUnreadException e)
        {
            throw new InspectionException(e.Message, e);
        }
        AskPolicies();
        ReadUdpBeside();
        ReadPolicies();
        // Where it is free here, a socket in another network namespace may be what confuses.
        if (Plan.Port is not (null or 0) && (_request.Verbose || (IsConfirmed && !_request.VerdictOnly)))
            Snapshot = _host.ReadElsewhere(Snapshot, Plan);
        if (!_request.VerdictOnly && MissingAddress() is { } missing)
            Snapshot = _host.ReadNetworksWith(Snapshot, missing);
        if (!_request.VerdictOnly && IsOtherPortWanted)
            FindOtherPort();
        return Snapshot;
    }

    private void FindOtherPort()
    {
        var (port, obstacle) = OtherPortSearch.Find(_host, Snapshot, Plan);
        Snapshot = Snapshot with { FreeNearby = port };
        if (obstacle is not null)
            NoteObstacle(obstacle);
    }

    private void ReadTable()
    {
        switch (_request.Target.Protocol)
        {
            case Protocol.Unix:
                // Never a probe, since a bind() makes a file.
                Snapshot = _host.ReadUnix(Snapshot);
                Snapshot = _host.ReadUnixServer(Snapshot, Plan);
                Snapshot = _host.ReadOwners(Snapshot, Plan);
                break;
            case var _ when Plan.Port == 0:
                AskForAnyPort();
                break;
            case Protocol.Udp:
                ReadUntilStable(SurveyUdp);
                break;
            default:
                ReadUntilStable(SurveyTcp);
                break;
        }
    }

    /// <summary>
    /// Looks at a port until what was seen holds together: a socket may come or go between two questions, and then the table explains no
    /// refusal, or another run of bindwise is taken for what is in the way, or a probe meets a server that starts again and again.
    /// </summary>
    private void ReadUntilStable(Func<bool, bool> readOnce)
    {
        for (var number = 1; !readOnce(number == Reads) && number < Reads; number++)
        {
            ForgetAnswers();
            _host.Pause(number);
        }
    }

    /// <summary>
    /// Listeners of the port; unless these settle the answer every state of it, and whether anything but a socket refuses; only when
    /// something is in the way its owners and their options, and the probes that the rules still leave open.
    /// </summary>
    /// <returns>What was seen holds together, or there is no further look.</returns>
    private bool SurveyTcp(bool isLast)
    {
        Snapshot = _host.ReadListeners(Snapshot, Plan);
        _listenersFirst = Cookies(Snapshot.Sockets);
        var refused = Plan.Asked.Count(IsRefused);
        // Whoever looks at a descriptor holds its socket for an instant, in which a server that starts again and again would fail.
        var hasChanged = refused > 0 && HasPortChanged();
        // The kernel walks all of its sockets for those of a port, and none of them takes back what a listener refuses.
        var isSettled = !_request.Verbose && refused == Plan.Asked.Length && IsWholePortHeld;
        if (hasChanged && isSettled)
            return ReadPortAgain(isLast);
        if (!hasChanged && refused > 0)
            _host.BeginOwners(Snapshot, areAll: isSettled);
        else if (!hasChanged && !_request.VerdictOnly)
            _host.BeginElsewhere();
        if (isSettled)
            return ExplainListeners(isLast);
        Snapshot = _host.ReadAllStates(Snapshot, Plan);
        if (IsConfirmedFree())
        {
            // A listener beside it does not block, and may yet get the traffic: say whose it is.
            if (Snapshot.Sockets.Any(static s => s.State == TcpSocketState.Listen) && !HasPortChanged())
                Snapshot = _host.ReadOwners(Snapshot, Plan);
            _host.EndOwners();
            return true;
        }
        // A refusal that no listed socket explains: before Linux 6.8 what is bound only is in no list.
        if (!Snapshot.Coverage.BoundOnlySeen && ProbePlan.IsContradicted(Plan, Snapshot))
            Snapshot = _host.ReadUnlisted(Snapshot, Plan);
        return Explain(isLast);
    }

    /// <summary>The port's sockets, and a plain bind where they leave the answer open.</summary>
    /// <returns>What was seen holds together, or there is no further look.</returns>
    private bool SurveyUdp(bool isLast)
    {
        Snapshot = _host.ReadUdp(Snapshot, Plan);
        _ = IsConfirmedFree();
        return Explain(isLast);
    }

    private bool Explain(bool isLast)
    {
        if (HasPortChanged())
            return ReadPortAgain(isLast);
        Snapshot = _host.ReadOwners(Snapshot, Plan);
        if (!isLast && IsOwnerMissed())
            return ReadPortAgain(isLast);
        Snapshot = _host.ReadOptions(Snapshot, Plan);
        return Settle(isLast);
    }

    /// <summary>
    /// Who listens. Without SO_REUSEADDR on both sides what they leave behind keeps the port beyond their end, and with SO_REUSEPORT it may
    /// be what keeps another program from sharing it: then the other states matter after all.
    /// </summary>
    /// <returns>What was seen holds together, or there is no further look.</returns>
    private bool ExplainListeners(bool isLast)
    {
        Snapshot = _host.ReadOwners(Snapshot, Plan);
        if (!isLast && IsOwnerMissed())
            return ReadPortAgain(isLast);
        Snapshot = _host.ReadOptions(Snapshot, Plan);
        if (Plan.Asked.All(static r => r.ReuseAddress) && Snapshot.Sockets.Where(Plan.IsOnPort).All(static s => s.ReuseAddress == Fact.Yes)
            && !Plan.Others.Any(r => r.ReusePort && BindRules.Decide(r, Snapshot).Outcome == Outcome.Allowed))
            return Settle(isLast);
        _host.BeginOwners(Snapshot, areAll: false);
        Snapshot = _host.ReadAllStates(Snapshot, Plan);
        return Explain(isLast);
    }

    /// <summary>
    /// Beside a listener on one address the wildcard may meet others, on other addresses: what ends them, and which address is left,
    /// stands on all states.
    /// </summary>
    private bool IsWholePortHeld => Plan.Asked.All(static r => !r.Address.IsAny)
        || Snapshot.Sockets.Where(Plan.IsOnPort).Any(static s => s.Local.Address.Unmapped.IsAny);

    /// <summary>
    /// Asks whether anything but a socket refuses, and takes the port only where the table does not show every socket, or where a program
    /// on the cgroup may refuse late.
    /// </summary>
    /// <returns>Every bind that was asked about is known to succeed, and nothing else is to be read.</returns>
    private bool IsConfirmedFree()
    {
        AskPermission();
        if (!IsConfirmed)
            return false;
        if (ProbePlan.Open(Plan, Snapshot).IsEmpty)
            return !_request.Verbose;
        using (LockPort())
        {
            // A plain bind that fails says nothing of one with a sharing option.
            if (!Probe(ProbePlan.Confirming(Plan, Snapshot)))
                return false;
        }
        return IsConfirmed && !_request.Verbose;
    }

    /// <summary>Makes the probes that are still open, unless the port changed meanwhile.</summary>
    /// <returns>What was seen holds together, or there is no further look.</returns>
    private bool Settle(bool isLast)
    {
        var open = ProbePlan.Open(Plan, Snapshot);
        if (!open.IsEmpty || IsAnythingBoundOnly)
        {
            // What a server closed stays in the table while somebody, such as this search, holds its file: it looks unchanged until then.
            if (!open.IsEmpty && (_hasReadAgain || IsOptionMissed()))
                _host.Pause(1);
            using (LockPort())
            {
                if (HasPortChanged())
                    return ReadPortAgain(isLast);
                Probe(open);
            }
        }
        return isLast || !ProbePlan.IsContradicted(Plan, Snapshot);
    }

    /// <summary>The port changed: what was seen is the answer only when there is no further look.</summary>
    private bool ReadPortAgain(bool isLast)
    {
        _host.EndOwners();
        _keepsChanging = isLast;
        _hasReadAgain = true;
        if (isLast)
            _host.Note("sockets on the port changed at each check: something keeps starting there. The answer is from the last check, "
                + "which did not disturb it: no probe, no search for its owner");
        return isLast;
    }

    /// <summary>
    /// A listener, or a socket that is bound only, has come or gone since the table was read: a server starts there or stops, or another
    /// run of bindwise probed. What was read then does not hold, and a probe would be in that server's way.
    /// </summary>
    private bool HasPortChanged()
    {
        var bound = Snapshot.Sockets.Where(IsListedOnPort).ToList();
        if (_listenersFirst is { } first && !first.SetEquals(Cookies(bound.Where(static s => s.State == TcpSocketState.Listen))))
            return true;
        return Plan.Port is not null && bound.Count > 0 && _host.ReadAgain(Plan, IsAnythingBoundOnly) is { } again
            && !Cookies(again.Where(IsListedOnPort)).SetEquals(Cookies(bound));
    }

    /// <summary>
    /// A socket's owner may have handed it on while the processes were read one after the other, or closed it since: worth one further
    /// look.
    /// </summary>
    private bool IsOwnerMissed() =>
        !_hasSoughtAgain && (_hasSoughtAgain = Snapshot.Sockets.Any(s => IsBoundOnPort(s) && KernelOwners.IsOwnerless(s, Snapshot)));

    /// <summary>A socket's owner was found, and not its options: it may have closed it between the two.</summary>
    private bool IsOptionMissed() => Snapshot.Sockets.Any(s => IsBoundOnPort(s) && s.ReuseAddress == Fact.Unknown
        && Snapshot.Holders.Any(holder => holder.Inode == s.Inode));

    /// <summary>Port 0: one bind() tells; only when it fails, or when it is about connect(), who uses up the range.</summary>
    private void AskForAnyPort()
    {
        if (!Plan.SourcePorts.IsEmpty)
        {
            // A probe would be given ports that the program may not have.
            var settings = Snapshot.Settings.Within(Plan.SourcePorts);
            // A reserved one can be bound all the same.
            Snapshot = _host.ReadEphemeralUse(
                Snapshot with { Settings = Plan.IsSourcePortBound ? settings with { ReservedPorts = [] } : settings }, Plan);
            return;
        }
        if (Probe(ProbePlan.Confirming(Plan, Snapshot), isEachTried: true) && !_request.Verbose && Plan.Destinations.IsEmpty)
            return;
        Snapshot = _host.ReadEphemeralUse(Snapshot, Plan);
        Probe(ProbePlan.Open(Plan, Snapshot));
    }

    /// <summary>The table is not asked again, and nothing that it might hold is denied: what the probe alone tells.</summary>
    private void GiveUpTheTable(string reason)
    {
        _host.Note(reason);
        ForgetAnswers();
        Snapshot = Snapshot with { Coverage = Snapshot.Coverage with { SocketsUnread = true } };
        using (LockPort())
        {
            Probe(ProbePlan.Confirming(Plan, Snapshot));
            Probe(ProbePlan.Open(Plan, Snapshot));
        }
    }

    // Nothing of a look that did not hold together stays.
    private void ForgetAnswers() => Snapshot = _beforeReading;

    /// <summary>Who asked for a number and named no protocol may have meant UDP: where TCP is free, whether that is too.</summary>
    private void ReadUdpBeside()
    {
        if (_request.Target is not { IsProtocolAssumed: true, Protocol: Protocol.Tcp } || Plan.Port is null or 0
            || Snapshot.Coverage.SocketsUnread || !IsConfirmed)
            return;
        Snapshot = _host.ReadUdpBeside(Snapshot, Plan);
        if (!Snapshot.UdpOnPort.IsEmpty)
            Snapshot = _host.ReadOwners(Snapshot, Plan);
    }

    /// <summary>Looks for policies where a bind() was refused for a reason that no socket gives, or where all is to be shown.</summary>
    private void ReadPolicies()
    {
        // Those of another program were read before the table was: no probe tells of them.
        if (Snapshot.Policies is { ProcessId: not null })
            return;
        var raised = Plan.Asked.FirstOrDefault(r => PolicyQuestion.IsRaised(r, Snapshot));
        if ((raised ?? (_request.Verbose ? Plan.Asked.FirstOrDefault(static r => r.Protocol != Protocol.Unix) : null)) is { } request)
            Snapshot = _host.ReadPolicies(Snapshot, request, PolicyQuestion.RefusedCall(request, Snapshot));
    }

    /// <summary>
    /// The address that is asked about and that no interface here has; null for none, and for those that are no host's own.
    /// </summary>
    private IpAddress? MissingAddress()
    {
        if (IsConfirmed || Snapshot.Interfaces.IsEmpty)
            return null;
        foreach (var request in Plan.Asked.Where(static request => request.Protocol != Protocol.Unix))
        {
            var address = request.Address.Unmapped;
            if (address is { IsAny: false, IsLoopback: false, IsMulticast: false }
                && !Snapshot.Interfaces.Any(link => link.Addresses.Any(own => own.Address == address))
                && BindRules.Decide(request, Snapshot).Rule is var rule
                && (rule == RuleBook.AddressNotLocal || rule == RuleBook.AddressNotLocalIPv6))
                return address;
        }
        return null;
    }

    private bool IsRefused(BindRequest request) => BindRules.Decide(request, Snapshot).Outcome == Outcome.Blocked;

    private bool IsConfirmed => ProbePlan.IsConfirmed(Plan, Snapshot);

    /// <summary>Sockets on the port that are bound and do not listen, such as another run's probe.</summary>
    private bool IsAnythingBoundOnly => Snapshot.Sockets.Any(s => IsBoundOnPort(s) && s.State != TcpSocketState.Listen);

    /// <summary>
    /// Another port helps against one that is taken, or that needs a privilege, and against nothing else; where the port is a protocol's
    /// own, a redirect can lead to the other one only while nobody has it.
    /// </summary>
    private bool IsOtherPortWanted =>
        _request.MayProbe && !_keepsChanging && Plan.Port is not (null or 0) && _request.Target.Destination is null
        && (IsConfirmed ? IsPickedForAnother : Plan.Asked.Any(r =>
            BindRules.Decide(r, Snapshot) is { Outcome: not Outcome.Allowed } decision
            && (decision.Errno == "EACCES" || (decision.Errno is null or "EADDRINUSE"
                && ProtocolPorts.NameOf(Plan.Port.Value, _request.Target.Protocol) is null))));

    // It can be bound, and is meant for a program that has yet to listen.
    private bool IsPickedForAnother
    {
        get
        {
            var bound = Snapshot.Sockets.Where(s => IsBoundOnPort(s) && s.State == TcpSocketState.Bound).ToList();
            var owners = bound.Count == 0 ? null : new OwnerIndex(Snapshot);
            return bound.Exists(socket => Keepers.PickedFor(owners!.OwnersOf(socket.Inode)) is not null);
        }
    }

    private bool IsBoundOnPort(HeldSocket socket) => Plan.IsOnPort(socket) && socket.Remote.Port == 0
        && (socket.Protocol == Protocol.Udp || socket.State is TcpSocketState.Listen or TcpSocketState.Close or TcpSocketState.Bound);

    // Before Linux 6.8 another look at the table cannot show what is bound only.
    private bool IsListedOnPort(HeldSocket socket) =>
        IsBoundOnPort(socket) && (socket.State != TcpSocketState.Bound || Snapshot.KernelRelease.Has(KernelChanges.BoundSocketsListed));

    private static HashSet<ulong> Cookies(IEnumerable<HeldSocket> sockets) => [.. sockets.Select(static s => s.Cookie)];
}
