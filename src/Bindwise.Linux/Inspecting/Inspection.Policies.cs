using Bindwise.Linux.Policies;
using Bindwise.Linux.Probing;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Inspecting;

/// <summary>What policies answer to a bind(), by probes that take no port, and whose answer a probe is.</summary>
internal sealed partial class Inspection
{
    /// <summary>What policies answer before the kernel looks for conflicts, and to listen(); and whether a program binds something else.</summary>
    public void AskPolicies()
    {
        // This run's policies are not another process's.
        if (!_how.Probe || _target.Protocol == Protocol.Unix || Snapshot.Caller.As?.Process is not null)
            return;
        Timed("policy probe", () =>
        {
            var answers = ProbePlan.AskingPolicies(Plan, Snapshot).Select(PolicyAsAsked).OfType<ProbeResult>()
                .Concat(ProbePlan.AskingListen(Plan, Snapshot).Select(PolicyProbe.Listen));
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

    private ProbeResult? ProbeAsAsked(BindRequest question)
    {
        string? obstacle;
        if (_how.As is not { } program)
        {
            var answer = Probing.Probe.Run(question, ScopeOf(question), out obstacle);
            if (obstacle is not null)
                Note(obstacle);
            return answer;
        }
        using var rights = program.Begin(question, out obstacle);
        var result = obstacle is null ? Probing.Probe.Run(question, ScopeOf(question), out obstacle) : null;
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
        if (_how.As is not { } program)
            return PolicyProbe.Bind(request, ScopeOf(request));
        using var rights = program.Begin(request, out var obstacle);
        return obstacle is null ? PolicyProbe.Bind(request, ScopeOf(request)) : null;
    }
}
