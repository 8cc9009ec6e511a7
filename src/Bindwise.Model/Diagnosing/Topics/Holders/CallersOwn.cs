using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// Holders that are not to be ended by a signal, because the question comes out of them: the program that asks, the shell that it was typed
/// into, and what started that.
/// </summary>
internal static class CallersOwn
{
    /// <summary>The step that closes the descriptor in the shell, for the end of a sentence of <c>free</c> too.</summary>
    public const string CloseInShell = "close-in-shell";

    /// <summary>From here on a shell of the POSIX kind takes the number for the name of a program.</summary>
    private const int FirstOfTwoDigits = 10;

    /// <summary>The other holders, to which a signal may go.</summary>
    public static ImmutableArray<Owner> WithoutThem(DiagnosisContext context, ImmutableArray<Owner> owners) =>
        owners.RemoveAll(owner => Is(context.Snapshot.Caller, owner));

    /// <summary>What to do about each of them.</summary>
    public static IEnumerable<Remedy> Of(DiagnosisContext context, IEnumerable<ImmutableArray<Owner>> sockets)
    {
        var seen = new HashSet<int>();
        foreach (var owners in sockets)
        {
            // What keeps the socket for the run in which it is asked gives it to whoever binds it next.
            var users = Keepers.Users(owners);
            foreach (var owner in users.Where(o => Is(context.Snapshot.Caller, o) && seen.Add(o.Process.Id)))
            {
                // It has it from the others, to which it is left.
                if (owner.Process.Id == context.Snapshot.Caller.ProcessId && owner.Role == OwnerRole.Inherited && users.Length > 1)
                    continue;
                yield return owner.Process.Id == context.Snapshot.Caller.ProcessId ? OfAsker(context, owner)
                    : IsShell(owner) ? OfShell(owner) : OfStarter(owner);
            }
        }
    }

    /// <summary>What to do about each of them, and how the others are ended.</summary>
    public static IEnumerable<Remedy> Or(DiagnosisContext context, ImmutableArray<Owner> owners,
        Func<ImmutableArray<Owner>, Remedy> end) => WithoutThem(context, owners) is { IsEmpty: false } others
            ? Of(context, [owners]).Append(end(others)) : Of(context, [owners]);

    /// <summary>Why <c>free</c> leaves the process that asks alone.</summary>
    public static string LeftAlone(DiagnosisContext context, ProcessRecord asker) => context.Holders.IsAskingProgram(asker)
        ? "Only bindwise itself has it: it is free when bindwise ends." : "This process itself holds it.";

    // A server that a manager runs, such as sshd, is stopped there, and what was started from it usually goes on.
    private static bool Is(Caller caller, Owner owner) => owner.Process.Id == caller.ProcessId
        || (caller.AncestorIds.Contains(owner.Process.Id) && (IsShell(owner) || !IsManaged(owner)));

    private static bool IsShell(Owner owner) => Shells.Are(owner.Process);

    private static bool IsManaged(Owner owner) => SocketActivators.ServeSeveral(owner.Process)
        || owner.StartedFrom is { Container: not null } || Supervisors.Of(owner.StartedFrom) is not null
        || (owner.StartedFrom?.Unit is { } unit && SystemdCgroup.StandsFor(unit, owner.Process));

    // Inherited from what started it, or that of bindwise serve.
    private static Remedy OfAsker(DiagnosisContext context, Owner owner) => context.Holders.IsAskingProgram(owner.Process)
        ? Remedy.Of("ask-again", "Ask again once this bindwise has ended: only it has the socket, and closes it then.",
            $"bindwise why {context.Question}", "nothing", "none")
        // The library asks on behalf of the program that it is in.
        : Remedy.Of("close-own-socket", "Close the socket that this process already has there, or bind it only once.", null,
            "what that socket serves can no longer be reached", "none");

    private static Remedy OfShell(Owner owner)
    {
        var name = ProcessNames.Short(owner.Process);
        var place = Shells.IsInteractive(owner.Process) ? "the shell that you are in" : "the shell that this command runs in";
        var canClose = !owner.Descriptors.IsEmpty && ProcessNames.ProgramOf(owner.Process) switch
        {
            "bash" => true,
            "sh" or "dash" or "ash" or "ksh" or "mksh" or "yash" or "zsh" => owner.Descriptors.All(static fd => fd < FirstOfTwoDigits),
            _ => false,
        };
        return Remedy.Of(CloseInShell,
            $"{(canClose ? "Close the socket in" : "Leave")} {name}, {place}, which inherited it{(canClose ? "" : ": start another one")}.",
            canClose ? ShellCommand.Of($"exec {ShellCommand.Join(" ", owner.Descriptors.Select(static fd => ShellCommand.Of($"{fd}<&-")))}")
                : null, "the shell no longer has the socket, and goes on", "none");
    }

    private static Remedy OfStarter(Owner owner) => Remedy.Of("end-starter",
        $"Close {ProcessNames.Short(owner.Process)} the way it is usually closed: this command was started from it, so a signal could end "
            + "your session as well.", null, "the program ends", "what runs in it may end too");
}
