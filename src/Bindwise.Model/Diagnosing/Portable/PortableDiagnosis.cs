using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>
/// The answer where only .NET itself was asked: a pure function too, so that a snapshot from macOS or Windows is answered anywhere.
/// </summary>
internal static class PortableDiagnosis
{
    public static Diagnosis Of(Target target, ProgramOptions options, Snapshot snapshot, PortableRecord record)
    {
        var context = PortableContext.Of(target, options, snapshot, record);
        var causes = PortableCause.Of(context);
        return new Diagnosis
        {
            Target = target,
            Port = context.Plan.Port,
            Verdict = context.Verdict,
            // A number without a name is told in the summary.
            Errno = context.Errno is ['E', ..] ? context.Errno : null,
            Cause = causes[0],
            Factors = causes[1..],
            Summary = PortableSentences.Summary(context, causes[0]),
            Why = [.. PortableSentences.Reasons(context, causes[0])],
            Attempts = [.. context.Plan.Asked.Select(r => AttemptOf(context, r, isAsked: true)), .. Others(context)],
            Remedies = [.. PortableAdvice.Of(context.System, context, causes[0])],
            Warnings = [.. PortableRemarks.Warnings(context)],
            Limits = [.. PortableRemarks.Limits(context)],
            Interfaces = snapshot.Interfaces,
            Portable = record,
            TakenAt = snapshot.TakenAt,
            Coverage = snapshot.Coverage,
        };
    }

    private static Attempt AttemptOf(PortableContext context, BindRequest request, bool isAsked)
    {
        // A path is looked at, not bound.
        var result = context.Target.Protocol == Protocol.Unix ? context.Verdict == Verdict.Free ? "ok" : context.Errno
            : context.AnswerOf(request) is { } probe ? PortableErrors.NameOf(probe) : null;
        return new Attempt
        {
            Request = request,
            Bind = new CallResult(result, isProbed: context.AnswerOf(request) is not null),
            Listen = null,
            IsAsked = isAsked,
            Rule = null,
        };
    }

    private static IEnumerable<Attempt> Others(PortableContext context) =>
        context.Plan.Others.Where(r => context.AnswerOf(r) is not null).Select(r => AttemptOf(context, r, isAsked: false));
}

/// <summary>What .NET's own answers come to, before it is put into words. No rule of Linux is asked: the verdict is the probe's.</summary>
internal sealed record PortableContext
{
    public required Target Target { get; init; }
    public required Snapshot Snapshot { get; init; }
    public required PortableRecord Record { get; init; }
    public required RequestPlan Plan { get; init; }
    public required Verdict Verdict { get; init; }

    /// <summary>The errno's name when blocked; null otherwise.</summary>
    public string? Errno { get; init; }

    /// <summary>The probe that carries the verdict; null when none does.</summary>
    public PortableProbe? Decisive { get; init; }

    /// <summary>
    /// The system's listed sockets whose address meets the one asked for: they may be in the way, which no list can prove.
    /// </summary>
    public ImmutableArray<SeenSocket> Meeting { get; init; } = [];

    /// <summary>What was asked, to type after <c>bindwise why</c>, which then gives the full answer.</summary>
    public required ShellCommand Question { get; init; }

    public HostSystem System => Record.System;
    public ushort Port => Plan.Port ?? 0;
    public string Name => TargetNaming.Of(Target, Plan);
    public bool SeesListener => Meeting.Any(static s => s.State == TcpSocketState.Listen);

    /// <summary>The bind works as asked, and not without its options.</summary>
    public bool NeedsItsOptions => Plan.Asked.Any(
        r => AnswerOf(r) is { Error: 0 } && AnswerOf(r.Plain) is { Error: not 0 });

    /// <summary>The bind fails as asked, and works with SO_REUSEADDR.</summary>
    public bool HelpsReuseAddress => Plan.Asked.All(r => AnswerOf(r with { ReuseAddress = true, ReusePort = false }) is { Error: 0 });

    public static PortableContext Of(Target target, ProgramOptions options, Snapshot snapshot, PortableRecord record)
    {
        var plan = RequestPlan.From(target, options, snapshot);
        if (plan.Asked.IsEmpty)
            throw new ArgumentException("The snapshot does not hold the names that the target uses.", nameof(snapshot));
        var full = snapshot with { Portable = null };
        var context = new PortableContext
        {
            Question = SameQuestion.Of(target, RequestPlan.From(target, options, full), full),
            Target = target,
            Snapshot = snapshot,
            Record = record,
            Plan = plan,
            Verdict = Verdict.Undetermined
        };
        if (target.Protocol == Protocol.Unix)
            return context.OfPath(snapshot.UnixPath);
        context = context with { Meeting = [.. record.Seen.Where(s => plan.Asked.Any(r => Meets(r, s.Local.Address)))] };
        var answers = plan.Asked.Select(context.AnswerOf).ToList();
        if (answers.OfType<PortableProbe>().Where(static p => p.Error != 0)
            .OrderBy(static p => PortableErrors.NameOf(p) == "EADDRINUSE" ? 0 : 1).FirstOrDefault() is { } refused)
            return context with { Verdict = Verdict.Blocked, Errno = PortableErrors.NameOf(refused), Decisive = refused };
        return answers.Contains(null) ? context : context with { Verdict = Verdict.Free, Decisive = answers[0] };
    }

    /// <summary>What the probes tell of one bind(); null when nothing.</summary>
    public PortableProbe? AnswerOf(BindRequest request) => Record.Probes.FirstOrDefault(p => !p.IsExclusive && p.Request == request);

    /// <summary>A path cannot be probed (bind() makes a file), but on every system one that exists cannot be bound.</summary>
    private PortableContext OfPath(UnixPathRecord? path) => path switch
    {
        { Exists: true } => this with { Verdict = Verdict.Blocked, Errno = "EADDRINUSE" },
        { ParentErrno: not 0 } => this with { Verdict = Verdict.Blocked, Errno = ErrnoNames.Of(path.ParentErrno) },
        { Path: [not '@', ..] } => this with { Verdict = Verdict.Free },
        _ => this,
    };

    private static bool Meets(BindRequest want, IpAddress held)
    {
        if (want.Address.Unmapped == held.Unmapped)
            return true;
        var sameFamily = want.Address.Family == held.Family;
        // Whether a socket on [::] takes IPv4 too is its own secret: it may.
        return (want.Address.IsAny && (sameFamily || (want.Address.Family == IpFamily.IPv6 && want.V6Only != true)))
            || (held.IsAny && (sameFamily || held.Family == IpFamily.IPv6));
    }
}

/// <summary>The cause behind a portable answer: from the error and from what the system lists, never by guess.</summary>
internal static class PortableCause
{
    private const int FirstOpenPort = 1024;

    /// <summary>The cause, then others that hold as well.</summary>
    public static ImmutableArray<Cause> Of(PortableContext context)
    {
        if (context.Verdict == Verdict.Free)
            return [Cause.Free];
        if (context.Target.Protocol == Protocol.Unix)
            return [context.Verdict == Verdict.Undetermined ? Cause.OwnerHidden : Cause.UnixSocketFile];
        if (context.Verdict == Verdict.Undetermined || context.Errno == "EADDRINUSE")
            return [InUse(context)];
        var refusal = Refusal(context);
        return context.SeesListener && refusal != Cause.Listener ? [refusal, Cause.Listener] : [refusal];
    }

    private static Cause InUse(PortableContext context)
    {
        if (context.Port == 0 && context.Verdict == Verdict.Blocked)
            return Cause.PortsExhausted;
        if (context.Target.Protocol == Protocol.Udp)
            return context.Meeting.IsEmpty ? Cause.OwnerHidden : Cause.UdpSocket;
        if (context.SeesListener)
            return Cause.Listener;
        var states = context.Meeting.Select(static s => s.State).ToHashSet();
        if (context.Meeting.Any(static s => s.Local == s.Remote))
            return Cause.SelfConnection;
        if (states.Contains(TcpSocketState.Established) || states.Contains(TcpSocketState.SynSent)
            || states.Contains(TcpSocketState.SynReceived))
            return Cause.OwnerHidden;
        return states.Contains(TcpSocketState.CloseWait) ? Cause.CloseWait
            : states.Contains(TcpSocketState.FinWait1) || states.Contains(TcpSocketState.FinWait2)
                || states.Contains(TcpSocketState.Closing) ? Cause.FinWait
            : states.Contains(TcpSocketState.LastAck) ? Cause.LastAck
            : states.Contains(TcpSocketState.TimeWait) ? Cause.TimeWait
            : Cause.OwnerHidden;
    }

    private static Cause Refusal(PortableContext context)
    {
        var address = context.Decisive?.Request.Address ?? default;
        var isLinkLocal = address.IsLinkLocal && context.Target.Scope is null;
        return context.Errno switch
        {
            // Windows knows no privileged ports; its 10013 comes from an exclusive holder or from an excluded range.
            "EACCES" when context.System == HostSystem.Windows => context.SeesListener ? Cause.Listener : Cause.DeniedByPolicy,
            "EACCES" when context.Port is > 0 and < FirstOpenPort => Cause.PrivilegedPort,
            "EADDRNOTAVAIL" or "EINVAL" when isLinkLocal => Cause.ScopeMissing,
            "EAFNOSUPPORT" when address.Family == IpFamily.IPv6 => Cause.IPv6Disabled,
            "EADDRNOTAVAIL" when address.Family == IpFamily.IPv6 && !context.Snapshot.Settings.HasIPv6 => Cause.IPv6Disabled,
            "EADDRNOTAVAIL" or "EINVAL" or "EAFNOSUPPORT" => Cause.AddressNotLocal,
            _ => Cause.DeniedByPolicy,
        };
    }
}

/// <summary>Errors of bind() by name. .NET tells them by WinSock's numbers on every system (System.Net.Sockets.SocketError).</summary>
internal static class PortableErrors
{
    /// <summary>The name as POSIX has it; for one without a name the system's own number.</summary>
    public static string NameOf(PortableProbe probe) => probe.Error switch
    {
        0 => "ok",
        10004 => "EINTR",
        10013 => "EACCES",
        10014 => "EFAULT",
        10022 => "EINVAL",
        10024 => "EMFILE",
        10038 => "ENOTSOCK",
        10042 => "ENOPROTOOPT",
        10043 => "EPROTONOSUPPORT",
        10044 => "ESOCKTNOSUPPORT",
        10045 => "EOPNOTSUPP",
        10047 => "EAFNOSUPPORT",
        10048 => "EADDRINUSE",
        10049 => "EADDRNOTAVAIL",
        10050 => "ENETDOWN",
        10051 => "ENETUNREACH",
        10055 => "ENOBUFS",
        _ => "errno " + Wording.Number(probe.NativeError),
    };

    /// <summary>The number that programs of that system print beside or instead of the name; null where the name says all.</summary>
    public static string? NumberOf(HostSystem system, PortableProbe probe) => system switch
    {
        _ when probe.NativeError == 0 => null,
        HostSystem.Linux => null,
        HostSystem.Windows => $"{Wording.Number(probe.NativeError)} on Windows",
        HostSystem.MacOS => $"{Wording.Number(probe.NativeError)} on macOS",
        _ => $"{Wording.Number(probe.NativeError)} here",
    };
}
