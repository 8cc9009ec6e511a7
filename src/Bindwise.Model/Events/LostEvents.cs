using Bindwise.Model.Diagnosing;

namespace Bindwise.Model.Events;

/// <summary>What is said of failed calls that no event tells of.</summary>
internal static class LostEvents
{
    /// <summary>How many failed calls an event stands for: none, if it tells of something else.</summary>
    public static long FailedCalls(PortEvent happened) =>
        happened is { Kind: PortEventKind.BindFailed } or { Kind: PortEventKind.Lost, UserId: not null } ? happened.Count : 0;

    /// <param name="user">The user whose calls they are; null for calls that were not seen, of which it is not known.</param>
    public static string Summary(long count, uint? user) => user is { } id
        ? Wording.Count(count, "more failed call", "more failed calls") + " of user " + Wording.Number(id)
            + (count == 1 ? " is not listed by itself" : " are not listed one by one") + ": too many different ones came at once"
        : Wording.Count(count, "call", "calls") + " went by while another one was being checked on the same processor; "
            + (count == 1 ? "most likely it did not fail" : "most of them did not fail");
}
