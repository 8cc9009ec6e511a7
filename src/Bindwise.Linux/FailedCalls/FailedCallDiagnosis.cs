using Bindwise.Linux.Callers;
using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Inspecting;
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

    private readonly ProcessFacts _processes = new();
    private readonly ulong _ownNetwork = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)?.Inode ?? 0;

    /// <summary>The event without a look at the system: what the call itself and its process tell.</summary>
    internal PortEvent Describe(FailedCall call, out ProcessRecord? process)
    {
        process = _processes.Find(call.Process, call.Program);
        return new PortEvent
        {
            Time = call.Time,
            Kind = PortEventKind.BindFailed,
            Protocol = call.Protocol,
            Call = call.Call,
            Address = call.Address,
            Result = call.Error,
            ProcessId = call.Process,
            Program = call.Program,
            Command = process is null ? null : ProcessFacts.CommandOf(process),
            UserId = call.User,
            NetworkNamespace = call.Network,
            Cgroup = process?.Cgroup,
            Options = call.Options is { } options ? [.. options.Names()] : null,
            Limits = process is null ? ["the process had ended before Bindwise could look at it: its command line and cgroup are not known"]
                : [],
        };
    }

    /// <summary>The event with its diagnosis, or with why there is none.</summary>
    internal PortEvent Explain(FailedCall call, PortEvent described, ProcessRecord? process, CancellationToken cancellation)
    {
        if (TargetOf(call, process, out var lack) is not { } target)
            return With(described, lack);
        if (SubjectOf(call, process) is not { } subject)
            return With(described, "its network namespace was already gone: the reason is not known");
        try
        {
            using var inspector = Inspector.Open(subject);
            var request = new FailureRequest { Target = target, MayProbe = false, Asked = call.Options ?? ProgramOptions.None };
            var entry = new SnapshotEntry(target, inspector.Inspect(request, cancellation)).Masked();
            var diagnosis = Diagnoser.Diagnose(entry.Target, request.Asked, entry.Snapshot);
            if (IsRefusedByPolicy(call, diagnosis, entry.Snapshot))
                diagnosis = Diagnoser.Diagnose(entry.Target, request.Asked, WithRefusal(call, entry, request.Asked, diagnosis.Verdict));
            return Judge(call, described, diagnosis);
        }
        catch (OperationCanceledException)
        {
            return With(described, Stopped);
        }
        catch (InspectionException) when (process is not null && _processes.Find(process.Id, null) is null or { State: 'Z' or 'X' })
        {
            // It ended while it was looked at: the rest is asked for its user.
            return Explain(call, described, null, cancellation);
        }
        catch (Exception exception) when (exception is InspectionException or TableUnreadException)
        {
            return With(described, $"the system could not be looked at: {exception.Message}");
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

    private static PortEvent Judge(FailedCall call, PortEvent described, Diagnosis diagnosis)
    {
        if (diagnosis.Verdict == Verdict.Blocked && diagnosis.Errno == call.Error)
            return described with { Cause = diagnosis.Cause.Id(), Summary = diagnosis.Summary, Diagnosis = diagnosis };
        // For want of a port: the answer is about the ports of this side, whatever a bind() of one would give.
        if (call.Call == PortEventCall.Connect && diagnosis.Verdict == Verdict.Blocked)
            return described with { Cause = diagnosis.Cause.Id(), Summary = diagnosis.Summary, Diagnosis = diagnosis };
        return With(described with { Diagnosis = diagnosis }, diagnosis.Verdict switch
        {
            Verdict.Free => "by the time Bindwise looked, nothing was in the way any more",
            Verdict.Blocked =>
                $"by the time Bindwise looked, the call would have failed for another reason: {diagnosis.Errno}, {diagnosis.Summary}",
            _ => "the rules alone do not decide it, and Bindwise tries no bind() in another program's place",
        });
    }

    private static Target? TargetOf(FailedCall call, ProcessRecord? process, out string lack)
    {
        lack = "";
        if (call.Path is { } path)
        {
            // The part of a folder that only the program's own working directory gives.
            if (path is not ['/' or '@', ..])
            {
                if (process?.WorkingDirectory is not { } folder)
                {
                    lack = "the path is relative, and the process's working directory is not known";
                    return null;
                }
                path = Path.Join(folder, path);
            }
            return new Target { Text = $"unix:{path}", Protocol = Protocol.Unix, Path = path };
        }
        if (call is { Call: PortEventCall.Listen, Error: nameof(Errno.EOPNOTSUPP) })
            lack = "listen() is for stream sockets (TCP, SOCK_STREAM of UNIX), and this one is of another type";
        else if (call.OtherProtocol is { } other)
            lack = $"the socket's protocol is {other}, whose rules Bindwise does not know";
        else if (call.Protocol is null)
            lack = "the socket could not be read: its protocol is not known";
        else if (call.Endpoint is null)
            lack = "the address is not known";
        if (lack.Length > 0 || call is not { Endpoint: { } endpoint, Protocol: { } protocol })
            return null;
        var host = endpoint.Address.ToString();
        if (call.Call == PortEventCall.Connect)
        {
            var destination = new Destination { Host = host, Address = endpoint.Address, Port = endpoint.Port };
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

    /// <summary>The process itself while it lives; else its user, in a namespace that another process or a name keeps.</summary>
    private SubjectSelector? SubjectOf(FailedCall call, ProcessRecord? process)
    {
        var user = call.User.ToString(CultureInfo.InvariantCulture);
        if (process is not null)
            return new SubjectSelector { Process = process.Id.ToString(CultureInfo.InvariantCulture) };
        if (call.Network == _ownNetwork)
            return new SubjectSelector { User = user };
        var network = NamespaceEnumeration.Take(walkFrom: 0).Networks.FirstOrDefault(one => one.Inode == call.Network);
        return network switch
        {
            { Name: { } name } => new SubjectSelector { User = user, Network = name },
            { Processes: [var other, ..] } => new SubjectSelector { User = user, Network = other.ToString(CultureInfo.InvariantCulture) },
            _ => null,
        };
    }

    /// <summary>The question, with the options of the program's own socket.</summary>
    private sealed record FailureRequest : InspectionRequest
    {
        internal required ProgramOptions Asked { get; init; }

        internal override ProgramOptions Options => Asked;
    }
}
