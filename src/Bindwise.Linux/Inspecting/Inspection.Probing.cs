using System.Collections.Immutable;
using Bindwise.Linux.Policies;
using Bindwise.Linux.Probing;
using Bindwise.Linux.Routing;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>What the kernel answers to binds: without taking the port where that tells, else by taking it; and what policies stand behind an answer.</summary>
internal sealed partial class Inspection
{
    /// <summary>In all, however many probes there are: whoever squats the lock delays no answer any longer.</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromMilliseconds(50);

    private TimeSpan _lockWait = LockWait;

    private delegate ProbeResult? ProbeCall(uint scope, out string? obstacle);

    /// <summary>What policies answer before the kernel looks for conflicts, and to listen(); and whether a program binds something else.</summary>
    public void AskPolicies()
    {
        // This run's policies are not another process's.
        if (!_how.Probe || _target.Protocol == Protocol.Unix || Snapshot.Caller.As?.Process is not null)
            return;
        Timed("policy probe", () =>
        {
            var answers = ProbePlan.AskingPolicies(Plan, Snapshot).Select(PolicyAsAsked).OfType<ProbeResult>()
                .Concat(ProbePlan.AskingListen(Plan, Snapshot).Select(PermissionProbe.Listen));
            Snapshot = PolicyStage.WithPrograms(Plan, Snapshot with { PolicyProbes = [.. answers] });
        });
        var questions = ProbePlan.AskingPrograms(Plan, Snapshot);
        if (questions.IsEmpty)
            return;
        using (LockProbe())
            Probe(questions);
    }

    /// <summary>What beside the socket table may have refused a bind().</summary>
    public void ReadPolicies() => Timed("policies", () => Snapshot = PolicyStage.Complete(Plan, Snapshot, PolicySubject.Self, Everything));

    /// <summary>Asks, without taking the port, whether anything but a socket refuses the binds.</summary>
    public void AskPermission(ImmutableArray<BindRequest> questions)
    {
        if (!_how.Probe || questions.IsEmpty)
            return;
        Timed("policies asked", () =>
        {
            foreach (var question in questions)
            {
                var use = BindRules.Decide(question, Snapshot).Outcome == Outcome.Allowed ? PortOccupancy.Empty : PortOccupancy.Unknown;
                var result = ProbeAsAsked(question, (uint scope, out string? obstacle) => PermissionProbe.Run(question, scope, use, out obstacle));
                if (result is { Errno: not 0 })
                    Snapshot = Snapshot with { Probes = Snapshot.Probes.Add(result) };
                // A program on the cgroup may refuse after the port is taken (post_bind), or give another port: then only a whole bind() tells.
                else if (result is not null && CgroupPolicies.RunsAtBind(question.Address.Family) != Fact.Yes)
                    Snapshot = Snapshot with { Permitted = Snapshot.Permitted.Add(question) };
            }
        });
    }

    /// <summary>Runs the probes, each of which takes the port if it can; false when one of them was refused or none could be made.</summary>
    public bool Probe(ImmutableArray<BindRequest> questions)
    {
        if (!_how.Probe || questions.IsEmpty)
            return false;
        var succeeded = true;
        Timed("probe", () =>
        {
            foreach (var question in questions)
            {
                // One bind answers for another: what works plainly works with options too, and each bind leaves its trace.
                if (ProbePlan.AnswerOf(question, Snapshot) is { } known)
                {
                    succeeded &= known == 0;
                    continue;
                }
                var result = ProbeAsAsked(question, (uint scope, out string? obstacle) => Probing.Probe.Run(question, scope, out obstacle));
                if (result is not null)
                    Snapshot = Snapshot with { Probes = Snapshot.Probes.Add(result) };
                succeeded &= result is { Errno: 0 };
            }
        });
        return succeeded;
    }

    /// <summary>The lock against other runs of bindwise on this port; null without probes.</summary>
    public IDisposable? LockProbe()
    {
        if (!_how.Probe || Plan.Port is not { } port)
            return null;
        var held = ProbeLock.Acquire(_target.Protocol, port, _lockWait);
        _lockWait -= held.Waited;
        if (held.Obstacle is not { } obstacle)
            return held;
        // Whoever holds it for so long will not let go of it for the next probe either.
        _lockWait = TimeSpan.Zero;
        Note(obstacle == LockObstacle.Held ? ProbeLockHolder.Describe(_target.Protocol, port, _userNames.Find) : ProbeLock.Describe(obstacle));
        return held;
    }

    /// <summary>Sockets on the port that are bound and do not listen, such as another run's probe.</summary>
    public bool IsAnythingBoundOnly => Snapshot.Sockets.Any(s => IsBoundOnPort(s) && s.State != TcpState.Listen);

    /// <summary>
    /// A listener, or a socket that is bound only, has come or gone since the table was read: a server starts there or stops, or another run
    /// of bindwise probed. What was read then does not hold, and a probe would be in that server's way.
    /// </summary>
    public bool HasPortChanged()
    {
        if (_listenersFirst is { } first && !first.SetEquals(Snapshot.Sockets.Where(s => IsBoundOnPort(s) && s.State == TcpState.Listen).Select(static s => s.Cookie)))
            return true;
        if (Plan.Port is not { } port || !Snapshot.Sockets.Any(IsBoundOnPort))
            return false;
        var changed = false;
        Timed("another look", () =>
        {
            var sockets = new List<HeldSocket>();
            var outcome = _target.Protocol == Protocol.Udp ? Table().ReadUdp(port, sockets)
                : IsAnythingBoundOnly ? Table().ReadAllStates(port, sockets, out _, out _)
                : Table().ReadListeners(port, sockets);
            changed = outcome.IsComplete
                && !sockets.Where(IsBoundOnPort).Select(static s => s.Cookie).ToHashSet().SetEquals(Snapshot.Sockets.Where(IsBoundOnPort).Select(static s => s.Cookie));
        });
        return changed;
    }

    /// <summary>There is no further look.</summary>
    public void NoteThatPortKeepsChanging() =>
        Note("a socket on the port came or went at each look: something starts there again and again; the answer is from the last look, and nothing was put in its way: no probe, no search for its owner");

    private ProbeResult? ProbeAsAsked(BindRequest question, ProbeCall probe)
    {
        string? obstacle;
        if (_how.As is not { } program)
        {
            var answer = probe(ScopeOf(question), out obstacle);
            if (obstacle is not null)
                Note(obstacle);
            return answer;
        }
        using var rights = program.Begin(question, out obstacle);
        var result = obstacle is null ? probe(ScopeOf(question), out obstacle) : null;
        if (result is not null && Snapshot.Caller.As?.Process is not null && ProbePlan.IsByOwnPolicy(result, Snapshot))
        {
            obstacle = "a policy answers bindwise's own bind(), which is not the program's";
            result = null;
        }
        if (obstacle is not null)
            Snapshot = Snapshot with { Caller = Snapshot.Caller with { As = Snapshot.Caller.As! with { ProbeObstacle = obstacle } } };
        return result;
    }

    private ProbeResult? PolicyAsAsked(BindRequest request)
    {
        // Policies do not look at the options.
        var plain = request with { ReuseAddress = false, ReusePort = false };
        if (_how.As is not { } program)
            return Ask(plain);
        using var rights = program.Begin(plain, out var obstacle);
        return obstacle is null ? Ask(plain) : null;

        ProbeResult? Ask(BindRequest asked)
        {
            var use = BindRules.Decide(asked, Snapshot).Outcome == Outcome.Blocked ? PortOccupancy.Taken : PortOccupancy.Unknown;
            return PermissionProbe.Run(asked, ScopeOf(asked), use, out _) is { } answer ? answer with { Request = request } : null;
        }
    }

    private uint ScopeOf(BindRequest request) => request.Scope is { } scope
        ? InterfaceNames.FindIndex(Snapshot.Interfaces, scope) ?? 0
        : 0;
}
