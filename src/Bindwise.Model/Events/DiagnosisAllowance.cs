namespace Bindwise.Model.Events;

/// <summary>
/// Which failures are looked at: each look costs processor time, and a program may fail as fast as it can, to hide the failures of others.
/// So a user has an allowance, and of it each network namespace of that user has one (an ordinary user can make as many namespaces as
/// wished); of the whole a part is kept for users who had no look lately. The caller has the clock.
/// </summary>
internal sealed class DiagnosisAllowance
{
    /// <summary>The most looks at once, and the most a second after that.</summary>
    internal const int BurstOfAll = 30, RateOfAll = 5;

    /// <summary>
    /// The same of what is kept for users who had no look for <see cref="QuietTime"/>: with the rest a tenth of a processor.
    /// </summary>
    internal const int BurstOfQuiet = 10, RateOfQuiet = 5;

    /// <summary>Who had no look for so long is served from what is kept.</summary>
    internal static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(10);

    internal const int BurstOfUser = 20, RateOfUser = 4;

    /// <summary>The same of a network namespace of a user.</summary>
    internal const int BurstOfNetwork = 10, RateOfNetwork = 2;

    /// <summary>So many users and namespaces are told apart; those beyond share one allowance.</summary>
    internal const int Limit = 4096;

    private readonly Dictionary<uint, Bucket> _users = [];
    private readonly Dictionary<(uint User, ulong Network), Bucket> _networks = [];
    private Bucket _all = new(BurstOfAll, default);
    private Bucket _kept = new(BurstOfQuiet, default);
    private Bucket _others = new(BurstOfUser, default);

    /// <param name="user">Whose call failed, as seen from the user namespace of who looks.</param>
    /// <returns>Whether the failure may be looked at.</returns>
    internal bool TryTake(uint user, ulong network, TimeSpan now)
    {
        _all = _all.At(now, BurstOfAll, RateOfAll);
        _kept = _kept.At(now, BurstOfQuiet, RateOfQuiet);
        if (!HasRoom(_users, user, now, BurstOfUser, RateOfUser)
            || !HasRoom(_networks, (user, network), now, BurstOfNetwork, RateOfNetwork))
            return TryTakeOfOthers(now);
        var ofUser = Of(_users, user, now, BurstOfUser, RateOfUser);
        var ofNetwork = Of(_networks, (user, network), now, BurstOfNetwork, RateOfNetwork);
        if (ofUser.Tokens < 1 || ofNetwork.Tokens < 1)
            return false;
        if (_all.Tokens >= 1)
            _all = _all.Less();
        else if (_kept.Tokens >= 1 && now - ofUser.TakenAt >= QuietTime)
            _kept = _kept.Less();
        else
            return false;
        _users[user] = ofUser.Less() with { TakenAt = now };
        _networks[(user, network)] = ofNetwork.Less();
        return true;
    }

    private bool TryTakeOfOthers(TimeSpan now)
    {
        _others = _others.At(now, BurstOfUser, RateOfUser);
        if (_others.Tokens < 1 || _all.Tokens < 1)
            return false;
        (_others, _all) = (_others.Less(), _all.Less());
        return true;
    }

    private static Bucket Of<TKey>(Dictionary<TKey, Bucket> buckets, TKey key, TimeSpan now, int burst, int rate)
        where TKey : notnull => buckets.TryGetValue(key, out var bucket) ? bucket.At(now, burst, rate)
            : new Bucket(burst, now) { TakenAt = now - QuietTime };

    // Who had no look for a while stands as if never seen.
    private static bool HasRoom<TKey>(Dictionary<TKey, Bucket> buckets, TKey key, TimeSpan now, int burst, int rate)
        where TKey : notnull
    {
        if (buckets.Count < Limit || buckets.ContainsKey(key))
            return true;
        foreach (var (old, bucket) in buckets)
        {
            if (bucket.At(now, burst, rate).Tokens >= burst && now - bucket.TakenAt >= QuietTime)
                buckets.Remove(old);
        }
        return buckets.Count < Limit;
    }

    private readonly record struct Bucket(double Tokens, TimeSpan Since)
    {
        internal TimeSpan TakenAt { get; init; }

        internal Bucket At(TimeSpan now, int burst, int rate) =>
            now <= Since ? this : this with { Tokens = Math.Min(burst, Tokens + ((now - Since).TotalSeconds * rate)), Since = now };

        internal Bucket Less() => this with { Tokens = Tokens - 1 };
    }
}
