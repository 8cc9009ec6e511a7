using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>A held socket's options, taken as known.</summary>
/// <param name="ReuseAddress">SO_REUSEADDR.</param>
/// <param name="ReusePort">SO_REUSEPORT.</param>
/// <param name="V6Only">The effective IPV6_V6ONLY.</param>
/// <param name="SameUser">The same user made both sockets.</param>
internal readonly record struct HeldFacts(bool ReuseAddress, bool ReusePort, bool V6Only, bool SameUser);

/// <summary>
/// What is known of a held socket. What is not is tried both ways: a ruling that all completions share is definite, and
/// learning a fact can never overturn it.
/// </summary>
internal readonly struct KnownFacts
{
    /// <summary>The ways in which four facts may stand.</summary>
    public const int Completions = 16;

    private readonly int _on;
    private readonly int _off;

    public KnownFacts(in HeldTraits held, uint askingUser)
    {
        Add(held.ReuseAddress, 1, ref _on, ref _off);
        Add(held.ReusePort, 2, ref _on, ref _off);
        Add(held.V6Only, 4, ref _on, ref _off);
        Add(held.UserId is not { } user ? Fact.Unknown : user == askingUser ? Fact.Yes : Fact.No, 8, ref _on, ref _off);
    }

    /// <summary>Nothing is unknown: there is one completion.</summary>
    public bool AreComplete => (_on | _off) == Completions - 1;

    /// <summary>The facts, where nothing is unknown.</summary>
    public HeldFacts Facts => FactsOf(_on);

    /// <summary>Whether a completion agrees with what is known; if so, its facts.</summary>
    public bool Allows(int completion, out HeldFacts facts)
    {
        facts = FactsOf(completion);
        return (completion & _on) == _on && (completion & _off) == 0;
    }

    private static HeldFacts FactsOf(int bits) => new((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0);

    private static void Add(Fact fact, int bit, ref int on, ref int off)
    {
        on |= fact == Fact.Yes ? bit : 0;
        off |= fact == Fact.No ? bit : 0;
    }
}
