using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;

namespace Bindwise.Model.Diagnosing;

/// <summary>
/// The first line (<see cref="Diagnosis.Summary"/>): the whole answer in one sentence, which a topic tells as a whole or in its part.
/// </summary>
internal static class FirstLine
{
    public static string Of(DiagnosisContext context) =>
        context.Target.Destination is { } destination ? EphemeralPortTopic.FirstLineOf(context, destination)
        : context.SocketTopic.OwnFirstLine(context) ?? context.Topic.OwnFirstLine(context) ?? context.Verdict switch
        {
            Verdict.Free => SharingOptions.OwnFirstLine(context),
            Verdict.Undetermined => Undetermined(context),
            _ when context.Decisive.Errno == "EADDRINUSE" => Taken(context),
            _ => Refused(context),
        };

    /// <summary>Who or what holds the main socket, with its verb: <c>node (pid 12) listens on [::]:80</c>; empty without one.</summary>
    public static string Holding(DiagnosisContext context) =>
        context.Main is not { } main ? ""
        : HoldingReport.IsOnlyInFlight(main) ? HoldingReport.Waiting(main)
        : context.SocketTopic.Holding(context, main, ProcessNames.Of(main.Owners, Nobody(context, main)));

    /// <summary>One form of a verb for one owner, the other for several.</summary>
    public static string Verb(Blocker main, string one, string many) =>
        (Keepers.Users(main.Owners).Length > 1 && !HoldingReport.IsOnlyInferred(main)) || main.Kernel is { Names.Length: > 1 } ? many : one;

    public static string Nobody(DiagnosisContext context, Blocker main) => main.Kernel is { } kernel ? kernel.Label
        : main.Socket.IsWithoutProcess ? "no process"
        : IsStuck(context, main) ? "a process that could not be inspected"
        : context.Snapshot is { Caller.UserId: 0, Coverage.UnreadableProcesses: > 0 } ? "a process that cannot be inspected from here"
        : context.Snapshot.Coverage is { UnreadableProcesses: > 0 } or { ProcessesHidden: true }
            ? UnseenHolder.Of(main.Socket, context.Snapshot)
        : context.Snapshot.Coverage.OwnersRead ? "no visible process" : "a process";

    // Those of other users may hold it as well, but not where the socket was made by the one who asks.
    private static bool IsStuck(DiagnosisContext context, Blocker main) => !context.Snapshot.Coverage.StuckProcesses.IsEmpty
        && (context.Snapshot.Coverage is { UnreadableProcesses: 0, ProcessesHidden: false }
            || main.Socket.UserId == context.Snapshot.Caller.UserId);

    private static string Undetermined(DiagnosisContext context) =>
        context is { Main: null, Snapshot.Coverage.IsPast: true } && context.Topic == Topic.Addresses
        ? $"Whether {context.Name} could be bound then is not known: the record shows nothing in the way, but not which addresses and "
            + "interfaces this host had."
        : context.Main is null ? $"{context.Name} may be taken: neither the rules nor the socket table decide it, and no probe did."
        : context.Snapshot.Coverage.IsPast ? UndeterminedThen(context)
        // A listener is in the way of every server or of none.
        : context.Plan.AssumesReuseAddress && context.Main.Socket.State != TcpSocketState.Listen
        ? $"{context.Name}: {Holding(context)}. Only a probe can tell whether servers that set SO_REUSEADDR can start now; others cannot"
            + $"{HowLong(context)}."
        : $"{context.Name} may be taken: {Holding(context)}, and only a probe can tell whether that is in the way.";

    private static string UndeterminedThen(DiagnosisContext context) =>
        context.Plan.AssumesReuseAddress && context.Main!.Socket.State != TcpSocketState.Listen
        ? $"{context.Name}: {Holding(context)}. Servers that did not set SO_REUSEADDR could not start; whether others could is not known."
        : $"{context.Name} may have been taken: {Holding(context)}, and whether that was in the way is not known.";

    private static string Taken(DiagnosisContext context) =>
        context.Snapshot.Coverage.SocketsUnread
            ? $"{context.Name} is taken (EADDRINUSE): the socket table cannot be read here, so what holds it is not known."
        : context.Cause == Cause.DeniedByPolicy ? CannotBeBound(context)
        : context.Main is not null
            ? $"{context.Name} is taken{AddressFamilies.FirstLineClause(context)} (EADDRINUSE){HowLong(context)}: {Holding(context)}"
                + $"{ListenerTopic.AndOthers(context)}{SharingOptions.FirstLineClause(context)}."
        : context.Decisive.IsHeldUnseen
            ? $"{context.Name} is taken (EADDRINUSE) by a socket that this kernel does not list: before Linux 6.8 those that are bound and "
                + "do not listen."
        : $"{context.Name} is taken (EADDRINUSE), but no socket that this kernel shows explains it.";

    private static string HowLong(DiagnosisContext context) => context.FreeAt is null ? ""
        : $" for {(context.MayOutlastCountdown ? "at least " : "")}"
            + (context.SecondsLeft == 0 ? "a moment more" : $"another {context.SecondsLeft} s");

    private static string Refused(DiagnosisContext context) => context.Decisive.RefusedCall switch
    {
        ProbedCall.Listen =>
            $"{context.Name} can be bound, but listen() fails ({context.Decisive.Errno}): {context.Topic.Refusal(context)}.",
        ProbedCall.Socket when context.Cause == Cause.DeniedByPolicy =>
            $"{context.Name} cannot be bound, because socket() fails ({context.Decisive.Errno}): {context.Topic.Refusal(context)}.",
        _ => CannotBeBound(context),
    };

    private static string CannotBeBound(DiagnosisContext context) =>
        $"{context.Name} cannot be bound ({context.Decisive.Errno}): {context.Topic.Refusal(context)}.";
}
