using Bindwise.Linux.Callers;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Events;
using Bindwise.Model.Inspecting;
using Bindwise.Model.Rules;
using Bindwise.Model.Targets;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// Answers a failed call at once: in its process's network namespace, for its user, with its socket's options, and without a probe. What
/// can no longer be known is said in the event's limits.
/// </summary>
internal sealed class FailedCallDiagnosis
{
    /// <summary>What is said of calls that wait for a look when Bindwise ends.</summary>
    internal const string Stopped = "Bindwise was stopped before it could find the reason";

    private readonly CgroupIds _cgroups = new(new CgroupMounts("/proc"));
    private readonly ulong _ownNetwork = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)?.Inode ?? 0;

    /// <summary>Looks at the calls' processes at once: they may be about to end. One that holds up whoever looks is left out.</summary>
    /// <param name="calls">The calls; those whose network namespaces are kept until their reasons are found are marked.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal FailedCallScene[] Examine(IReadOnlyList<(FailedCall Call, bool KeepsNetwork)> calls, CancellationToken cancellation)
    {
        // What was seen stays when the question is asked anew without a process: by then others may have ended.
        var scenes = new FailedCallScene?[calls.Count];
        try
        {
            return BoundedRun.Run<FailedCallScene[]>(
                token =>
                {
                    var processes = new ProcessFacts();
                    for (var index = 0; index < scenes.Length && !token.IsCancellationRequested; index++)
                    {
                        if (Volatile.Read(ref scenes[index]) is not null)
                            continue;
                        var (call, keepsNetwork) = calls[index];
                        var network = keepsNetwork && call.Network != _ownNetwork ? FailedCallScene.OpenNetwork(call) : null;
                        var scene = new FailedCallScene(processes.Find(call.Process, call.Program), network);
                        if (Interlocked.CompareExchange(ref scenes[index], scene, null) is not null)
                            scene.Dispose();
                    }
                    token.ThrowIfCancellationRequested();
                    return [.. scenes.OfType<FailedCallScene>()];
                },
                cancellation);
        }
        catch (InspectionException)
        {
            // It takes longer than a minute here: what was seen by then.
            return [.. Enumerable.Range(0, scenes.Length).Select(Seen)];
        }
        catch (OperationCanceledException)
        {
            for (var index = 0; index < scenes.Length; index++)
                Seen(index).Dispose();
            throw;
        }

        // What comes later, from a thread that was given up, finds the place taken and is closed there.
        FailedCallScene Seen(int index)
        {
            var nothing = new FailedCallScene(null, null);
            return Interlocked.CompareExchange(ref scenes[index], nothing, null) ?? nothing;
        }
    }

    /// <summary>The event without a reason: what the call itself tells.</summary>
    internal PortEvent Describe(FailedCall call) => new()
    {
        Time = call.Time,
        Kind = PortEventKind.BindFailed,
        Protocol = call.Protocol,
        Call = call.Call,
        Address = call.Address,
        Result = call.Error,
        ProcessId = call.Process,
        Program = call.Program,
        UserId = call.User,
        NetworkNamespace = call.Network,
        Reason = call.Network == _ownNetwork || _ownNetwork == 0 ? null : PortEventWords.Elsewhere,
        Options = call.Options is { } options ? [.. options.Names()] : null,
    };

    /// <summary>The same with what its process tells; null where that could not be looked at.</summary>
    internal PortEvent Describe(FailedCall call, ProcessRecord? process)
    {
        var cgroup = process is null ? _cgroups.PathOf(call.Cgroup) : process.Cgroup;
        return Describe(call) with
        {
            Command = process is null ? null : ProcessFacts.CommandOf(process),
            Cgroup = cgroup,
            Limits = process is not null ? []
                : ["the process had ended before Bindwise could look at it: its command line "
                    + (cgroup is null ? "and cgroup are not known" : "is not known")],
        };
    }

    /// <summary>The event with its diagnosis, or with why there is none.</summary>
    /// <param name="before">The last census before the call; null where there is none.</param>
    internal PortEvent Explain(FailedCall call, PortEvent described, FailedCallScene scene, CancellationToken cancellation,
        HostCensus? before = null)
    {
        if (call.IsBoundAlready)
            return described with { Summary = "this socket is bound already" };
        if (call.Error == nameof(Errno.EAFNOSUPPORT))
            return described with { Summary = "the address is of another family than the socket" };
        if (TargetOf(call, scene.Process, out var whyNot) is not { } target)
            return With(described, whyNot);
        try
        {
            if (scene.Process is { } process && AskAs(process, call, target, cancellation) is { } answer)
                return Judge(call, described, answer, before);
            using var inspector = OpenForUser(call, scene, cancellation);
            return inspector is null ? With(described, "its network namespace was already gone: the reason is not known")
                : Judge(call, described, Ask(inspector, call, target, cancellation), before);
        }
        catch (OperationCanceledException)
        {
            return With(described, Stopped);
        }
        catch (Exception exception)
        {
            // Whatever one call has of surprises, the others are told.
            return With(described, $"the system could not be inspected: {exception.Message}");
        }
    }

    /// <summary>Adds a sentence about what is not known.</summary>
    internal static PortEvent With(PortEvent happened, string limit) => happened with { Limits = happened.Limits.Add(limit) };

    /// <summary>
    /// The kernel refused, and neither a socket nor a missing privilege gives that errno: a security module, a program on the cgroup or a
    /// filter of system calls did, which no look from outside would show.
    /// </summary>
    private static bool IsRefusedByPolicy(FailedCall call, Diagnosis diagnosis, Snapshot snapshot) =>
        call is { Error: nameof(Errno.EPERM) or nameof(Errno.EACCES), Call: not PortEventCall.Connect, Endpoint: { } endpoint }
        && diagnosis.Errno != call.Error
        && (diagnosis.Verdict == Verdict.Free || endpoint.Port >= snapshot.Settings.FirstUnprivilegedPort);

    /// <summary>What the program was answered stands for the question that is not asked in its place.</summary>
    private static Snapshot WithRefusal(FailedCall call, SnapshotEntry entry, ProgramOptions options, Verdict verdict)
    {
        var errno = call.Error == nameof(Errno.EPERM) ? Errno.EPERM : Errno.EACCES;
        // Of listen() the program's own socket is on the port as a rule, and a bind() would fail anyway.
        var refused = call.Call == PortEventCall.Listen && verdict == Verdict.Free ? ProbedCall.Listen : ProbedCall.Bind;
        return entry.Snapshot with
        {
            PolicyProbes = [.. entry.Snapshot.PolicyProbes, .. RequestPlan.From(entry.Target, options, entry.Snapshot).Asked.Select(asked =>
                new ProbeResult(asked, (int)errno) { Call = refused })],
        };
    }

    /// <summary>Where the rules do not decide it, the program's own call was the probe.</summary>
    private static Snapshot WithProbe(SnapshotEntry entry, ProgramOptions options) => entry.Snapshot with
    {
        Probes = [.. RequestPlan.From(entry.Target, options, entry.Snapshot).Asked.Select(static asked =>
            new ProbeResult(asked, (int)Errno.EADDRINUSE))],
    };

    private static PortEvent Judge(FailedCall call, PortEvent described, Diagnosis whole, HostCensus? before)
    {
        var diagnosis = EventDiagnosis.Of(whole);
        if (diagnosis.Verdict == Verdict.Blocked && diagnosis.Errno == call.Error)
            return described with { Cause = diagnosis.Cause.Id(), Summary = diagnosis.Summary, Diagnosis = diagnosis };
        // For want of a port: the answer is about the ports of this side, whatever a bind() of one would give.
        if (call.Call == PortEventCall.Connect && diagnosis.Verdict == Verdict.Blocked)
            return described with { Cause = diagnosis.Cause.Id(), Summary = diagnosis.Summary, Diagnosis = diagnosis };
        return With(described with { Diagnosis = diagnosis }, diagnosis.Verdict switch
        {
            _ when !CanPass(call.Error) => $"the reason is not known: nothing that Bindwise found gives {call.Error}",
            Verdict.Free when before is not null && HolderIn(before, call, whole.Target) is { } held =>
                $"by the time Bindwise looked, {held} before, had released it",
            Verdict.Free => "by the time Bindwise looked, nothing was in the way any more",
            Verdict.Blocked =>
                $"by the time Bindwise looked, the call would have failed for another reason: {diagnosis.Errno}, {diagnosis.Summary}",
            _ => "the rules alone do not decide it, and Bindwise tries no bind() in another program's place",
        });
    }

    /// <summary>Who had what is in the way by the rules, as one clause; null where a census shows nobody.</summary>
    private static string? HolderIn(HostCensus census, FailedCall call, Target target)
    {
        if (call is not { Error: nameof(Errno.EADDRINUSE), Endpoint: { } endpoint } || call.Network != census.NetworkNamespace)
            return null;
        var held = census.Sockets.Where(one => one.Socket.Protocol == call.Protocol && one.Socket.Local.Port == endpoint.Port).ToList();
        var snapshot = new Snapshot { TakenAt = census.TakenAt, Sockets = [.. held.Select(static one => one.Socket)] };
        var inTheWay = RequestPlan.From(target, call.Options ?? ProgramOptions.None, snapshot).Asked
            .SelectMany(asked => BindRules.Conflicts(asked, snapshot).Blockers).Select(static one => one.Socket).ToHashSet();
        return held.Find(one => one.Holder is not null && inTheWay.Contains(one.Socket)) is not { Holder: { } holder } found ? null
            : string.Create(CultureInfo.InvariantCulture, $"{holder.Program} (pid {holder.ProcessId}), which ")
                + (found.Socket.State == TcpSocketState.Listen ? "listened on " : "had ") + CensusEvents.AddressOf(found.Socket);
    }

    /// <summary>What the host is like decides it, and may be otherwise a moment later; not what the program passed (EINVAL).</summary>
    private static bool CanPass(string errno) => errno is nameof(Errno.EADDRINUSE) or nameof(Errno.EADDRNOTAVAIL) or nameof(Errno.EACCES)
        or nameof(Errno.EPERM) or nameof(Errno.ENODEV) or nameof(Errno.ENOENT) or nameof(Errno.ENOTDIR) or nameof(Errno.ELOOP)
        or nameof(Errno.EROFS) or nameof(Errno.ENOSPC) or nameof(Errno.ENOMEM) or nameof(Errno.ENOBUFS);

    private static Target? TargetOf(FailedCall call, ProcessRecord? process, out string whyNot)
    {
        whyNot = "";
        if (call.Path is { } path)
        {
            // The part of a folder that only the program's own working directory gives.
            if (path is not ['/' or '@', ..])
            {
                if (process?.WorkingDirectory is not { } folder)
                {
                    whyNot = "the path is relative, and the process's working directory is not known";
                    return null;
                }
                path = Path.Join(folder, path);
            }
            return new Target { Text = $"unix:{path}", Protocol = Protocol.Unix, Path = path };
        }
        if (call is { Call: PortEventCall.Listen, Error: nameof(Errno.EOPNOTSUPP) })
            whyNot = "listen() is for stream sockets (TCP, SOCK_STREAM of UNIX), and this one is of another type";
        else if (call.OtherProtocol is { } other)
            whyNot = $"the socket's protocol is {other}, whose rules Bindwise does not know";
        else if (call.Protocol is null)
            whyNot = "the socket could not be read: its protocol is not known";
        else if (call.Endpoint is null)
            whyNot = "the call's address could not be read";
        if (whyNot.Length > 0 || call is not { Endpoint: { } endpoint, Protocol: { } protocol })
            return null;
        var host = endpoint.Address.ToString();
        if (call.Call == PortEventCall.Connect)
        {
            var destination = new Destination { Host = host, Address = endpoint.Address, Port = endpoint.Port, Source = call.Source };
            return new Target { Text = destination.ToString(), Protocol = protocol, Port = 0, Destination = destination };
        }
        return new Target
        {
            Text = call.Address!,
            Protocol = protocol,
            Host = host,
            Address = endpoint.Address,
            Scope = call.Scope == 0 ? null : call.Scope.ToString(CultureInfo.InvariantCulture),
            Port = endpoint.Port,
        };
    }

    private Diagnosis Ask(Inspector inspector, FailedCall call, Target target, CancellationToken cancellation)
    {
        var request = new FailureRequest { Target = target, MayProbe = false, Asked = call.Options ?? ProgramOptions.None };
        var snapshot = inspector.Inspect(request, cancellation);
        // Whoever reads it asks again as the program's user: its process has mostly ended by then.
        if (call.Network == _ownNetwork && snapshot.Caller.As is { } program)
            snapshot = snapshot with
            {
                Caller = snapshot.Caller with
                {
                    As = program with { Asked = call.User == EffectiveIds.User() ? "" : AskedAs(call).ToString() },
                },
            };
        var entry = new SnapshotEntry(target, snapshot).Masked();
        var diagnosis = Diagnoser.Diagnose(entry.Target, request.Asked, entry.Snapshot);
        // The kernel looks at the address before the port: this socket was allowed the address, by an option that the tap does not see.
        if (call.Error == nameof(Errno.EADDRINUSE) && diagnosis.Errno == nameof(Errno.EADDRNOTAVAIL) && !request.Asked.Freebind)
            return Ask(inspector, call with { Options = request.Asked with { Freebind = true } }, target, cancellation);
        if (call is { Call: PortEventCall.Bind, Error: nameof(Errno.EADDRINUSE) } && diagnosis.Verdict == Verdict.Undetermined)
            return Diagnoser.Diagnose(entry.Target, request.Asked, WithProbe(entry, request.Asked));
        return IsRefusedByPolicy(call, diagnosis, entry.Snapshot)
            ? Diagnoser.Diagnose(entry.Target, request.Asked, WithRefusal(call, entry, request.Asked, diagnosis.Verdict)) : diagnosis;
    }

    /// <summary>
    /// As its thread is answered; null where that is ending, in another network namespace than its socket, or of another user by now.
    /// </summary>
    private Diagnosis? AskAs(ProcessRecord process, FailedCall call, Target target, CancellationToken cancellation)
    {
        try
        {
            using var inspector = Inspector.Open(new SubjectSelector
            {
                Process = process.Id.ToString(CultureInfo.InvariantCulture),
                Thread = call.Thread > 0 ? call.Thread : null,
            });
            // A path leads from the process's own folders, whoever it is.
            var isOther = (inspector.Network is { } network && network != call.Network)
                || (inspector.User is { } user && user != call.User && call.Path is null);
            return isOther ? null : Ask(inspector, call, target, cancellation);
        }
        catch (InspectionException)
        {
            // It is ending: it leaves its namespaces some time before it is a zombie (do_exit(), kernel/exit.c).
            return null;
        }
    }

    private static SubjectSelector AskedAs(FailedCall call) => new() { User = call.User.ToString(CultureInfo.InvariantCulture) };

    /// <summary>
    /// For the call's user: in a namespace by which anybody can ask, as another process or a mount keeps it; else in the one that was kept.
    /// </summary>
    private Inspector? OpenForUser(FailedCall call, FailedCallScene scene, CancellationToken cancellation)
    {
        if (call.Network == _ownNetwork)
            return Inspector.Open(AskedAs(call));
        try
        {
            if (BoundedRun.Run(_ => NameOf(call.Network), cancellation) is { } name)
            {
                var inspector = Inspector.Open(AskedAs(call) with { Network = name });
                if (inspector.Network == call.Network)
                    return inspector;
                inspector.Dispose();
            }
        }
        catch (InspectionException) when (scene.Network is not null)
        {
            // Who kept it has ended as well.
            return OpenIn(scene.Network);
        }
        return scene.Network is { } kept ? OpenIn(kept) : null;

        Inspector OpenIn(SafeFileDescriptor network) =>
            Inspector.OpenIn(call.User, network, string.Create(CultureInfo.InvariantCulture, $"pid {call.Process}"));
    }

    private static string? NameOf(ulong inode) =>
        NamespaceEnumeration.Take(walkFrom: 0).Networks.FirstOrDefault(one => one.Inode == inode) switch
        {
            { Name: { } name } => name,
            { Processes: [var other, ..] } => other.ToString(CultureInfo.InvariantCulture),
            _ => MountedNetwork.PathOf(inode),
        };

    /// <summary>The question, with the options of the program's own socket.</summary>
    private sealed record FailureRequest : InspectionRequest
    {
        internal required ProgramOptions Asked { get; init; }

        internal override ProgramOptions Options => Asked;
    }
}
