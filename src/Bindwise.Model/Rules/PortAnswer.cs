namespace Bindwise.Model.Rules;

/// <summary>What the sockets of a port say of a bind(), gathered one kind of socket at a time.</summary>
internal struct PortAnswer
{
    private Rule? _passed;
    private Rule? _blocked;
    private HeldKind _blockedBy;
    private bool _isCertain;
    private bool _isDoubted;

    /// <summary>A certain conflict blocks; an uncertain one leaves it open.</summary>
    public readonly Outcome Outcome => _blocked is null ? Outcome.Allowed : _isCertain && !_isDoubted ? Outcome.Blocked : Outcome.Undetermined;

    /// <summary>The rule that decides: that of the most telling socket in the way, else the one that lets it pass.</summary>
    public readonly Rule Rule => _blocked ?? _passed ?? RuleBook.NothingInTheWay;

    /// <summary>An answer that rests on one rule that lets it pass.</summary>
    public static PortAnswer Passed(Rule rule) => new() { _passed = rule };

    /// <summary>The same answer, left open.</summary>
    public readonly PortAnswer Doubted() => this with { _isDoubted = true };

    /// <summary>Takes in one kind of socket.</summary>
    public void Add(in AskingSocket want, in HeldTraits held, PortWay way)
    {
        var (ruling, certain) = PairRules.Settle(want, held, way);
        if (!ruling.Conflicts)
        {
            Pass(ruling.Rule);
            return;
        }
        if (_blocked is null || (certain && !_isCertain) || (certain == _isCertain && Rank(held.Kind) < Rank(_blockedBy)))
            (_blocked, _blockedBy) = (ruling.Rule, held.Kind);
        _isCertain |= certain;
    }

    /// <summary>Some socket lets it pass by this rule.</summary>
    public void Pass(Rule rule) => _passed = PairRules.MoreTelling(_passed, rule);

    /// <summary>A listener has to go before anything else matters; TIME_WAIT goes by itself.</summary>
    private static int Rank(HeldKind kind) => kind switch
    {
        HeldKind.Listening => 0,
        HeldKind.Plain => 1,
        _ => 2,
    };
}
