using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics;

/// <summary>
/// connect() from a port that the program bound itself: just that connection may be there already, and nothing else counts
/// (__inet_check_established(), net/ipv4/inet_hashtables.c).
/// </summary>
internal static class BoundSourcePort
{
    internal const string NotAvailable = "EADDRNOTAVAIL";

    // What only the kernel keeps is taken over if it used timestamps, which the table does not tell.
    internal static Decision Decide(RequestPlan plan, EphemeralUse use) =>
        use.ClosedToAsked > 0 ? Decision.Block(NotAvailable, ConnectionRuleBook.FourTupleTaken)
        : use.Destinations.Any(one => plan.IsAsked(one.Remote, one.Local)) ? Decision.Unsettled(ConnectionRuleBook.FourTupleReused)
        : Decision.Allow(ConnectionRuleBook.FourTupleTaken);

    internal static string FirstLine(Verdict verdict, Destination destination)
    {
        var from = destination.Source is { } source && !source.Address.IsAny ? source.ToString() : $"port {destination.Source?.Port}";
        return $"A connection from {from} to {destination} " + verdict switch
        {
            Verdict.Free => "can be opened now, once bind() gave that port: no other one has the same two ends.",
            Verdict.Blocked => $"cannot be opened ({NotAvailable}): it is there already.",
            _ => "is there already, and may be taken over: connect() does so in TIME_WAIT if it used timestamps.",
        };
    }

    /// <summary>Who holds the connection that is there.</summary>
    internal static string Holding(DestinationUse use) => use switch
    {
        { Owners: [_, ..] owners } => $"The connection is held by {ProcessNames.Of(owners, "")}.",
        { TimeWait: > 0 } => "It ends by itself, within a minute.",
        { Ending: > 0 } => "It was closed here and is held by no process (FIN_WAIT, LAST_ACK): the kernel ends it by itself, mostly within "
            + "a minute.",
        _ => "Who holds the connection cannot be seen.",
    };
}
