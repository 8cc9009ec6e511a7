using Bindwise.Linux.Policies;
using Bindwise.Linux.Probing;
using Bindwise.Linux.Routing;

namespace Bindwise.Linux.Inspecting;

/// <summary>What the kernel answers to binds: without taking the port where that tells, else by taking it; and what policies stand behind an answer.</summary>
internal sealed partial class KernelReader
{
    /// <summary>In all, however many probes there are: whoever squats the lock delays no answer any longer.</summary>
    private static readonly TimeSpan LockWait = TimeSpan.FromMilliseconds(50);

    private TimeSpan _lockWait = LockWait;

    private delegate ProbeResult? ProbeCall(uint scope, out string? obstacle);

    /// <inheritdoc/>
    public IDisposable? LockPort(ushort port)
    {
        var held = ProbeLock.Acquire(_target.Protocol, port, _lockWait);
        _lockWait -= held.Waited;
        if (held.Obstacle is not { } obstacle)
            return held;
        // Whoever holds it for so long will not let go of it for the next probe either.
        _lockWait = TimeSpan.Zero;
        Note(obstacle == LockObstacle.Held ? ProbeLockHolder.Describe(_target.Protocol, port, _userNames.Find) : ProbeLock.Describe(obstacle));
        return held;
    }

    /// <inheritdoc/>
    public ProbeResult? AskPermission(BindRequest request, bool isKnownFree)
    {
        ProbeResult? result = null;
        Timed("policies asked", () => result = ProbeAsAsked(request, (uint scope, out string? obstacle) =>
            PermissionProbe.Run(request, scope, isKnownFree ? PortOccupancy.Empty : PortOccupancy.Unknown, out obstacle)));
        return result;
    }

    /// <inheritdoc/>
    public Fact RunsProgramAtBind(IpFamily family) => CgroupPolicies.RunsAtBind(family);

    /// <inheritdoc/>
    public ProbeResult? Probe(BindRequest request)
    {
        ProbeResult? result = null;
        Timed("probe", () => result = ProbeAsAsked(request, (uint scope, out string? obstacle) => Probing.Probe.Run(request, scope, out obstacle)));
        return result;
    }

    /// <inheritdoc/>
    public ProbeResult? AskPolicy(BindRequest request, bool isKnownTaken)
    {
        ProbeResult? result = null;
        Timed("policy probe", () =>
        {
            if (_program is null)
            {
                result = Ask();
                return;
            }
            using var rights = _program.Begin(request, out var obstacle);
            if (obstacle is null)
                result = Ask();
        });
        return result;

        ProbeResult? Ask() => PermissionProbe.Run(request, ScopeOf(request), isKnownTaken ? PortOccupancy.Taken : PortOccupancy.Unknown, out _);
    }

    /// <inheritdoc/>
    public ProbeResult AskListen(BindRequest request)
    {
        ProbeResult? result = null;
        Timed("policy probe", () => result = PermissionProbe.Listen(request));
        return result!;
    }

    /// <inheritdoc/>
    public void ReadPrograms() => Timed("policy probe", () => Snapshot = PolicyStage.WithPrograms(Plan.Asked, Snapshot));

    /// <inheritdoc/>
    public void ReadProgramPolicies(int processId, BindRequest request) =>
        Timed("the program's policies", () => Snapshot = PolicyStage.OfProgram(processId, request, Snapshot));

    /// <inheritdoc/>
    public void ReadPolicies(BindRequest request, ProbedCall refused) => Timed("policies", () => Snapshot = Snapshot with
    {
        Policies = PolicyReader.Read(PolicySubject.Self, request, PolicyReader.NeedsPrivilege(request, Snapshot.Settings), refused),
    });

    private ProbeResult? ProbeAsAsked(BindRequest question, ProbeCall probe)
    {
        string? obstacle;
        if (_program is null)
        {
            var answer = probe(ScopeOf(question), out obstacle);
            if (obstacle is not null)
                Note(obstacle);
            return answer;
        }
        using var rights = _program.Begin(question, out obstacle);
        var result = obstacle is null ? probe(ScopeOf(question), out obstacle) : null;
        if (obstacle is not null)
            Snapshot = Snapshot with { Caller = Snapshot.Caller with { As = Snapshot.Caller.As! with { ProbeObstacle = obstacle } } };
        return result;
    }

    private uint ScopeOf(BindRequest request) => request.Scope is { } scope
        ? InterfaceNames.FindIndex(Snapshot.Interfaces, scope) ?? 0
        : 0;
}
