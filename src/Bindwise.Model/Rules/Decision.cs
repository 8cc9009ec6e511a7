using System.Collections.Immutable;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Rules;

/// <summary>What the rules say of a bind().</summary>
public enum Outcome : byte
{
    /// <summary>It succeeds.</summary>
    Allowed,

    /// <summary>It fails.</summary>
    Blocked,

    /// <summary>It hangs on facts that are unknown.</summary>
    Undetermined,
}

/// <summary>The rules' answer to one bind(), with what it rests on.</summary>
/// <param name="Outcome">Allowed, blocked or undetermined.</param>
/// <param name="Errno">The errno's name when blocked; else null.</param>
/// <param name="Rule">The rule that decided, or that would decide.</param>
/// <param name="Blockers">The sockets in the way, each with its rule; when undetermined, those that may be.</param>
public sealed record Decision(Outcome Outcome, string? Errno, Rule Rule, ImmutableArray<BlockingSocket> Blockers)
{
    internal static Decision Allow(Rule rule) => new(Outcome.Allowed, null, rule, []);

    internal static Decision Block(string errno, Rule rule) => new(Outcome.Blocked, errno, rule, []);

    internal static Decision Unsettled(Rule rule) => new(Outcome.Undetermined, null, rule, []);
}

/// <summary>A socket in the way and the rule by which it is.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Rule">The rule.</param>
/// <param name="IsCertain">False when it hangs on unknown facts.</param>
public sealed record BlockingSocket(HeldSocket Socket, Rule Rule, bool IsCertain);
