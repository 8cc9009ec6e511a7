using Bindwise.Model.Rules;
using FsCheck;
using FsCheck.Fluent;
using Outcome = Bindwise.Model.Rules.Outcome;

namespace Bindwise.Model.Tests.Rules;

/// <summary>What must hold for every table, drawn at random.</summary>
[Trait("Seed", "any")]
public sealed class RuleProperties
{
    private static readonly string[] Addresses = ["0.0.0.0", "127.0.0.1", "127.0.0.2", "127.0.0.6", "::", "::1", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "fd00::1"];
    private static readonly string[] States = ["LISTEN", "BOUND", "ESTABLISHED", "TIME_WAIT", "CLOSE_WAIT", "FIN_WAIT2"];

    private static Gen<string> Flags(string name, bool withUnknown) =>
        Gen.Elements<string>(withUnknown ? ["", " " + name, " " + name + "?"] : ["", " " + name]);

    private static readonly Gen<string> AnyHeld =
        from address in Gen.Elements(Addresses)
        from state in Gen.Elements(States)
        from ra in Flags("ra", true)
        from rp in Flags("rp", true)
        from only in Flags("v6only", true)
        from device in Gen.Elements("", " dev1", " dev2")
        from user in Gen.Elements("", " uid1000", " uid?")
        select $"tcp {address} {state}{ra}{rp}{(address.Contains(':', StringComparison.Ordinal) ? only : "")}{device}{user}";

    private static readonly Gen<string> AnyWant =
        from address in Gen.Elements(Addresses)
        from ra in Flags("ra", false)
        from rp in Flags("rp", false)
        from only in Flags("v6only", false)
        from device in Gen.Elements("", " dev1", " dev2")
        select $"tcp {address}{ra}{rp}{only}{device}";

    private static readonly Arbitrary<(string Want, string[] Held)> AnyQuestion =
        (from want in AnyWant
         from held in AnyHeld.ArrayOf().Resize(6)
         select (want, held)).ToArbitrary();

    [Fact]
    public void RemovingAHeldSocket_NeverTurnsAllowedIntoBlocked() =>
        Prop.ForAll(AnyQuestion, q =>
        {
            if (Outcomes(q.Want, q.Held) != Outcome.Allowed)
                return true;
            return Enumerable.Range(0, q.Held.Length).All(i => Outcomes(q.Want, [.. q.Held.Where((_, at) => at != i)]) == Outcome.Allowed);
        }).Holds();

    [Fact]
    public void LearningAnUnknownFact_NeverOverturnsADefiniteVerdict() =>
        Prop.ForAll(AnyQuestion, q =>
        {
            var before = Outcomes(q.Want, q.Held);
            if (before == Outcome.Undetermined)
                return true;
            var learned = q.Held.Select(h => h.Replace("?", "", StringComparison.Ordinal).Replace(" uid", " uid0", StringComparison.Ordinal)).ToArray();
            var denied = q.Held.Select(h => string.Join(' ', h.Split(' ').Where(w => !w.EndsWith('?')))).ToArray();
            return Outcomes(q.Want, Fix(learned)) == before && Outcomes(q.Want, denied) == before;
        }).Holds();

    [Fact]
    public void EveryBlockedDecision_NamesItsBlockersAndARule() =>
        Prop.ForAll(AnyQuestion, q =>
        {
            var decision = Decide(q.Want, q.Held);
            return decision.Outcome != Outcome.Blocked || (decision.Blockers.Any(b => b.IsCertain) && decision.Errno == "EADDRINUSE");
        }).Holds();

    private static string[] Fix(string[] lines) => [.. lines.Select(l => l.Replace("uid01000", "uid1000", StringComparison.Ordinal))];

    private static Outcome Outcomes(string want, string[] held) => Decide(want, held).Outcome;

    private static Decision Decide(string want, string[] held)
    {
        List<HeldSocket> sockets = [.. held.Select(SocketLine.Held)];
        return ConflictRules.Decide(SocketLine.Want(want), sockets);
    }
}
