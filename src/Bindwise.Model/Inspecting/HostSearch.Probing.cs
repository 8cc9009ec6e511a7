using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Inspecting;

/// <content>The questions to the kernel: what a real bind() answers, and what policies do.</content>
internal sealed partial class HostSearch
{
    private IDisposable? LockPort() => _request.MayProbe && Plan.Port is { } port ? _host.LockPort(port) : null;

    private void AskPermission()
    {
        if (!_request.MayProbe)
            return;
        foreach (var question in ProbePlan.Permitting(Plan, Snapshot))
        {
            var result = Kept(_host.AskPermission(Snapshot, question, BindRules.Decide(question, Snapshot).Outcome == Outcome.Allowed));
            if (result is { Errno: not 0 })
                Snapshot = Snapshot with { Probes = Snapshot.Probes.Add(result) };
            // A program on the cgroup may refuse after the port is taken (post_bind), or give another port: then only a whole bind() tells.
            else if (result is not null && _host.RunsProgramAtBind(question.Address.Family) != Fact.Yes)
                Snapshot = Snapshot with { Permitted = Snapshot.Permitted.Add(question) };
        }
    }

    /// <summary>
    /// Runs the probes, each of which takes the port if it can; false when one of them was refused or none could be made.
    /// </summary>
    /// <param name="isEachTried">No other probe answers for one of them.</param>
    private bool Probe(ImmutableArray<BindRequest> questions, bool isEachTried = false)
    {
        if (!_request.MayProbe || questions.IsEmpty)
            return false;
        var succeeded = true;
        foreach (var question in questions)
        {
            // One bind answers for another: what works plainly works with options too, and each bind leaves its trace.
            if (!isEachTried && ProbePlan.AnswerOf(question, Snapshot) is { } known)
            {
                succeeded &= known == 0;
                continue;
            }
            var result = Kept(_host.Probe(Snapshot, question));
            if (result is not null)
                Snapshot = Snapshot with { Probes = Snapshot.Probes.Add(result) };
            succeeded &= result is { Errno: 0 };
        }
        return succeeded;
    }

    /// <summary>This run's policies are not another process's: what they answered says nothing of it.</summary>
    private ProbeResult? Kept(ProbeAnswer answer)
    {
        if (answer.Obstacle is { } obstacle)
            NoteObstacle(obstacle);
        if (answer.Result is not { } result || Snapshot.Caller.As is not { Process: not null }
            || !ProbePlan.IsByOwnPolicy(result, Snapshot))
            return answer.Result;
        NoteObstacle("a policy answers bindwise's own bind(), which is not the program's");
        return null;
    }

    private void NoteObstacle(string obstacle) =>
        Snapshot = Snapshot with { Caller = Snapshot.Caller with { As = Snapshot.Caller.As! with { ProbeObstacle = obstacle } } };

    /// <summary>
    /// What policies answer before the kernel looks for conflicts, and to listen(); and whether a program binds something else.
    /// </summary>
    private void AskPolicies()
    {
        if (!_request.MayProbe || Snapshot.Caller.As?.Process is not null)
            return;
        var listens = ProbePlan.AskingListen(Plan, Snapshot);
        Snapshot = Snapshot with
        {
            PolicyProbes = [.. ProbePlan.AskingPolicies(Plan, Snapshot).Select(AskPolicy).OfType<ProbeResult>(),
            .. listens.Select(_host.AskListen)]
        };
        if (_request.Target.Protocol == Protocol.Unix)
            return;
        Snapshot = _host.ReadPrograms(Snapshot, Plan);
        ImmutableArray<BindRequest> questions = [.. ProbePlan.AskingPrograms(Plan, Snapshot)];
        if (questions.IsEmpty)
            return;
        using (LockPort())
            Probe(questions, isEachTried: true);
    }

    private ProbeResult? AskPolicy(BindRequest request)
    {
        // Policies do not look at the options.
        var plain = request.Plain;
        var decision = BindRules.Decide(plain, Snapshot);
        if (_host.AskPolicy(Snapshot, plain, decision.Outcome == Outcome.Blocked) is not { } answer)
            return null;
        // What the rules say as well is no policy's.
        return answer with { Request = request, Errno = decision.Errno == ErrnoNames.Of(answer.Errno) ? 0 : answer.Errno };
    }
}
