using System.Collections.Immutable;

namespace Bindwise.Model.Platforms;

/// <summary>What a system answers to one call, and by which rule.</summary>
/// <param name="Results">
/// <c>ok</c> or an error by the system's own name; several where its document disagrees with itself; none where no source tells.
/// </param>
/// <param name="Rule">The rule that decides, or what it is that no source tells.</param>
internal sealed record PlatformRuling(ImmutableArray<string> Results, PlatformRule Rule)
{
    /// <summary>The result of a call that succeeds.</summary>
    public const string Ok = "ok";

    /// <summary>The result where no source tells.</summary>
    public const string Unknown = "unknown";

    /// <summary>The system lacks an option that one of the sockets is said to have.</summary>
    public const string NoOption = "no option";

    /// <summary>The question cannot be asked on this system.</summary>
    public bool IsMissing => Results is [NoOption];

    /// <summary>The call succeeds for certain: <see cref="Ok"/> is the only result.</summary>
    public bool IsAllowed => Results is [Ok];

    /// <summary>It fails, for certain, perhaps with one error or the other.</summary>
    public bool IsRefused => !Results.IsEmpty && !IsMissing && !Results.Contains(Ok);

    /// <summary>Neither success nor failure is certain, or the system lacks an option.</summary>
    public bool IsOpen => !IsAllowed && !IsRefused;

    /// <summary>As it is printed: the result, <c>A or B</c>, <c>unknown</c>.</summary>
    public string Text => Results.IsEmpty ? Unknown : string.Join(" or ", Results);

    internal static PlatformRuling Allow(PlatformRule rule) => new([Ok], rule);

    internal static PlatformRuling Refuse(string errno, PlatformRule rule) => new([errno], rule);

    internal static PlatformRuling Either(string one, string other, PlatformRule rule) => new([one, other], rule);

    /// <summary>No source tells.</summary>
    internal static PlatformRuling Open(PlatformRule rule) => new([], rule);

    internal static PlatformRuling Missing(PlatformRule rule) => new([NoOption], rule);

    /// <summary>
    /// Of several rulings that must all pass, the one that decides: a certain refusal, then what is open, then what passes.
    /// </summary>
    internal static PlatformRuling Worse(PlatformRuling? one, PlatformRuling other) =>
        one is null || RankOf(other) > RankOf(one) ? other : one;

    private static int RankOf(PlatformRuling ruling) => ruling.IsRefused ? 2 : ruling.IsAllowed ? 0 : 1;
}
