using Bindwise.Linux.Policies;
using Bindwise.Linux.Probing;
using Bindwise.Linux.Routing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Inspecting;

namespace Bindwise.Linux.Inspecting;

/// <summary>
/// What the kernel answers to binds: without taking the port where that tells, else by taking it; and what policies stand behind an answer.
/// </summary>
internal sealed partial class KernelReader
{
    /// <summary>In all, however many probes there are: whoever squats the lock delays no answer any longer.</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromMilliseconds(50);

    private TimeSpan _lockWait = LockWait;

    private delegate ProbeResult? ProbeCall(uint scope, out string? obstacle);

    public IDisposable? LockPort(ushort port)
    {
        var held = ProbeLock.Acquire(_target.Protocol, port, _lockWait);
        _lockWait -= held.Waited;
        if (held.Obstacle is not { } obstacle)
            return held;
        // Whoever holds it for so long will not let go of it for the next probe either.
        _lockWait = TimeSpan.Zero;
        Note(obstacle == LockObstacle.Held ? ProbeLockHolder.Describe(_target.Protocol, port, _userNames.Find)
            : ProbeLock.Describe(obstacle));
        return held;
    }

    public ProbeAnswer AskPermission(Snapshot known, BindRequest request, bool isKnownFree) =>
        Timed("policies asked", () => ProbeAsAsked(known, request, (uint scope, out string? obstacle) =>
        PermissionProbe.Run(request, scope, isKnownFree ? PortOccupancy.Empty : PortOccupancy.Unknown, out obstacle)));

    public Fact RunsProgramAtBind(IpFamily family) => CgroupPolicies.RunsAtBind(family);

    public ProbeAnswer Probe(Snapshot known, BindRequest request) =>
        Timed("probe", () =>
            ProbeAsAsked(known, request, (uint scope, out string? obstacle) => Probing.Probe.Run(request, scope, out obstacle)));

    public ProbeResult? AskPolicy(Snapshot known, BindRequest request, bool isKnownTaken) => Timed("policy probe", () =>
    {
        if (_program is null)
            return Ask();
        using var rights = _program.Begin(request, out var obstacle);
        return obstacle is null ? Ask() : null;

        ProbeResult? Ask() =>
            PermissionProbe.Run(request, ScopeOf(known, request), isKnownTaken ? PortOccupancy.Taken : PortOccupancy.Unknown, out _);
    });

    public ProbeResult AskListen(BindRequest request) => Timed("policy probe", () => PermissionProbe.Listen(request));

    public Snapshot ReadPrograms(Snapshot known, RequestPlan plan) =>
        Timed("policy probe", () => PolicyStage.WithPrograms(plan.Asked, known));

    public Snapshot ReadProgramPolicies(Snapshot known, int processId, BindRequest request) =>
        Timed("the program's policies", () => PolicyStage.OfProgram(processId, request, known));

    public Snapshot ReadPolicies(Snapshot known, BindRequest request, ProbedCall refused) => Timed("policies", () => known with
    {
        Policies = ForAsker(
            PolicyReader.Read(PolicySubject.Self, request, PolicyReader.NeedsPrivilege(request, known.Settings), refused)),
    });

    // What stands under bindwise run may have lost rights that bindwise has not.
    private PolicySurvey ForAsker(PolicySurvey survey)
    {
        if (_asker is not { } asker)
            return survey;
        using var access = ForeignAccess.To(ForeignKind.Process, asker);
        return access.IsAllowed ? survey with { NoNewPrivileges = PolicyReader.HasNoNewPrivileges(new PolicySubject(asker)) } : survey;
    }

    private ProbeAnswer ProbeAsAsked(Snapshot known, BindRequest question, ProbeCall probe)
    {
        string? obstacle;
        if (_program is null)
        {
            var answer = probe(ScopeOf(known, question), out obstacle);
            if (obstacle is not null)
                Note(obstacle);
            return new ProbeAnswer(answer);
        }
        using var rights = _program.Begin(question, out obstacle);
        var result = obstacle is null ? probe(ScopeOf(known, question), out obstacle) : null;
        return new ProbeAnswer(result, obstacle);
    }

    private static uint ScopeOf(Snapshot known, BindRequest request) => request.Scope is { } scope
        ? InterfaceNames.FindIndex(known.Interfaces, scope) ?? 0
        : 0;
}
