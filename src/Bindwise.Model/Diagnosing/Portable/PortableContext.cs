using System.Collections.Immutable;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Portable;

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

    /// <summary>The system's listed sockets whose address meets the one asked for: they may be in the way, which no list can prove.</summary>
    public ImmutableArray<SeenSocket> Meeting { get; init; } = [];

    public HostSystem System => Record.System;

    public ushort Port => Plan.Port ?? 0;

    public string Name => TargetNaming.Of(Target, Plan);

    public bool SeesListener => Meeting.Any(static s => s.State == TcpState.Listen);

    public bool SeesTimeWait => Meeting.Any(static s => s.State == TcpState.TimeWait);

    /// <summary>The bind works as asked, and not without its options.</summary>
    public bool NeedsItsOptions => Plan.Asked.Any(r => AnswerOf(r) is { Error: 0 } && AnswerOf(r with { ReuseAddress = false, ReusePort = false }) is { Error: not 0 });

    /// <summary>The bind fails as asked, and works with SO_REUSEADDR.</summary>
    public bool HelpsReuseAddress => Plan.Asked.All(r => AnswerOf(r with { ReuseAddress = true, ReusePort = false }) is { Error: 0 });

    public static PortableContext Of(Target target, ProgramOptions options, Snapshot snapshot, PortableRecord record)
    {
        var plan = RequestPlan.From(target, options, snapshot);
        if (plan.Asked.IsEmpty)
            throw new ArgumentException("The snapshot does not hold the names that the target uses.", nameof(snapshot));
        var findings = new PortableContext { Target = target, Snapshot = snapshot, Record = record, Plan = plan, Verdict = Verdict.Undetermined };
        if (target.Protocol == Protocol.Unix)
            return findings.OfPath(snapshot.UnixPath);
        findings = findings with { Meeting = [.. record.Seen.Where(s => plan.Asked.Any(r => Meets(r, s.Local.Address)))] };
        var answers = plan.Asked.Select(findings.AnswerOf).ToList();
        if (answers.OfType<PortableProbe>().Where(static p => p.Error != 0).OrderBy(static p => PortableErrors.NameOf(p) == "EADDRINUSE" ? 0 : 1).FirstOrDefault() is { } refused)
            return findings with { Verdict = Verdict.Blocked, Errno = PortableErrors.NameOf(refused), Decisive = refused };
        return answers.Contains(null) ? findings : findings with { Verdict = Verdict.Free, Decisive = answers[0] };
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
        if (want.Address == held || (want.Address.AsIPv4 is { } one && held.AsIPv4 == one))
            return true;
        var sameFamily = want.Address.Family == held.Family;
        // Whether a socket on [::] takes IPv4 too is its own secret: it may.
        return (want.Address.IsAny && (sameFamily || (want.Address.Family == IpFamily.IPv6 && want.V6Only != true)))
            || (held.IsAny && (sameFamily || held.Family == IpFamily.IPv6));
    }
}
