using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Planning;

/// <param name="IsCertain">False where it hangs on options of the running socket that cannot be seen.</param>
internal readonly record struct RunningMeeting(PlanConflict Conflict, bool IsCertain);

/// <summary>Planned ports beside what runs on this host.</summary>
/// <param name="inspect">
/// Looks at this host for one bind, as <c>why</c> does: the listing knows neither the options of a socket nor what is at a path. Null where
/// nobody looks, or the system cannot answer.
/// </param>
internal sealed class RunningCheck(PortListing running, PairCheck pairs, Func<BindRequest, Snapshot?> inspect)
{
    private const int EADDRINUSE = 98;

    /// <summary>A range of ports may meet thousands of sockets, and each look may try a bind().</summary>
    private const int MostReads = 64;

    private readonly VrfTable _vrfs = new(running.Interfaces, running.ArePortsOfVrfsShared);
    private readonly Dictionary<BindRequest, Snapshot?> _seen = [];

    /// <summary>The servers in a port's way, each once.</summary>
    public IEnumerable<RunningMeeting> Of(PlannedPort port) => port.Protocol == Protocol.Unix ? OfPath(port)
        : running.Ports
            .Where(held => held.Protocol == port.Protocol && held.Port >= port.FirstPort && held.Port <= port.LastPort)
            .Select(held => Meet(port, held)).OfType<RunningMeeting>();

    private RunningMeeting? Meet(PlannedPort port, ListedPort held)
    {
        RunningMeeting? open = null;
        foreach (var bind in port.Binds)
        {
            foreach (var socket in held.Sockets)
            {
                var (ruling, isCertain) = Decide(bind with { Port = socket.Local.Port }, socket);
                if (!ruling.Conflicts)
                    continue;
                var met = new RunningMeeting(Conflict(port, held, ruling.Rule, socket.Local.Port) with
                {
                    FirstAddress = bind.Address,
                    SecondAddress = socket.Local.Address,
                }, isCertain);
                if (isCertain)
                    return met;
                open ??= met;
            }
        }
        return open;
    }

    private (PairRuling Ruling, bool IsCertain) Decide(BindRequest bind, HeldSocket socket)
    {
        var decided = pairs.DecideHeld(bind, socket, _vrfs);
        if (decided.IsCertain || ReadSnapshot(bind) is not { } snapshot)
            return decided;
        if (snapshot.Sockets.FirstOrDefault(seen => seen.Cookie == socket.Cookie) is { } known)
            decided = pairs.DecideHeld(bind, known, _vrfs);
        // The user of the socket matters for SO_REUSEPORT alone, and a bind() is tried as who asks.
        var tried = bind.ReusePort ? bind : bind with { UserId = snapshot.Caller.BinderId };
        return decided.IsCertain ? decided : ProbePlan.AnswerOf(tried, snapshot) switch
        {
            0 => (PairRuling.Free(decided.Ruling.Rule), true),
            EADDRINUSE => (decided.Ruling, true),
            _ => decided,
        };
    }

    // Where a relative one leads depends on the folder in which the program starts.
    private IEnumerable<RunningMeeting> OfPath(PlannedPort port) =>
        port.Binds.Where(static bind => bind.Path is ['/' or '@', ..])
            .SelectMany(bind => ReadSnapshot(bind) is { } snapshot ? BindRules.Decide(bind, snapshot).Blockers : [])
            .Select(blocker => new RunningMeeting(Conflict(port, HolderOf(blocker.Socket), blocker.Rule, 0), true))
            .DistinctBy(static met => met.Conflict.Running, ReferenceEqualityComparer.Instance);

    private ListedPort HolderOf(HeldSocket socket) =>
        running.Ports.FirstOrDefault(held => held.Protocol == Protocol.Unix && held.Sockets.Any(one => one.Inode == socket.Inode))
            ?? new ListedPort { Protocol = Protocol.Unix, Sockets = [socket] };

    private static PlanConflict Conflict(PlannedPort port, ListedPort held, Rule rule, int number) => new(port, null, PlanRule.Of(rule))
    {
        Running = held,
        Port = number,
        LastPort = number,
        Profiles = port.Profiles.IsEmpty ? null : port.Profiles[0],
    };

    private Snapshot? ReadSnapshot(BindRequest bind)
    {
        if (!_seen.TryGetValue(bind, out var snapshot) && _seen.Count < MostReads)
            _seen.Add(bind, snapshot = inspect(bind));
        return snapshot;
    }
}
