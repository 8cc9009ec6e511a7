using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>
/// A held socket's options taken as known. What is unknown is tried both ways (<see cref="CompletionsOf"/>):
/// a ruling that all completions share is definite, and learning a fact can never overturn it.
/// </summary>
/// <param name="ReuseAddress">SO_REUSEADDR.</param>
/// <param name="ReusePort">SO_REUSEPORT.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY.</param>
/// <param name="SameUser">The same user made both sockets.</param>
internal readonly record struct HeldFacts(bool ReuseAddress, bool ReusePort, bool V6Only, bool SameUser)
{
    private const int Completions = 16;

    /// <summary>Every way in which the unknown facts of <paramref name="held"/> may stand.</summary>
    public static IEnumerable<HeldFacts> CompletionsOf(HeldSocket held, uint askingUser)
    {
        var sameUser = held.UserId is { } user ? Of(user == askingUser) : Fact.Unknown;
        var v6Only = held.Family == IpFamily.IPv4 ? Fact.No : held.V6Only;
        for (var bits = 0; bits < Completions; bits++)
        {
            var facts = new HeldFacts((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);
            if (Fits(held.ReuseAddress, facts.ReuseAddress) && Fits(held.ReusePort, facts.ReusePort)
                && Fits(v6Only, facts.V6Only) && Fits(sameUser, facts.SameUser))
                yield return facts;
        }
    }

    private static bool Fits(Fact known, bool value) => known == Fact.Unknown || known == Of(value);

    private static Fact Of(bool value) => value ? Fact.Yes : Fact.No;
}
