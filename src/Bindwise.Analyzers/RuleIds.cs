namespace Bindwise.Analyzers;

/// <summary>The ids of the rules. An id is never used twice; each has a heading of its own in docs/analyzers.md.</summary>
internal static class RuleIds
{
    public const string ReuseAddress = "BWC001";
    public const string OptionAfterBind = "BWC002";
    public const string PortGivenBack = "BWC003";
    public const string LingerZero = "BWC004";
    public const string EndlessRetry = "BWC005";
    public const string NeverClosed = "BWC006";
    public const string WildcardForLocalhost = "BWC007";
    public const string ObsoleteListener = "BWC008";
    public const string EphemeralPort = "BWC009";
    public const string PortReadTooEarly = "BWC010";
}

/// <summary>What a diagnostic says to its fix, in its properties.</summary>
internal static class FixKeys
{
    /// <summary>What to do, where a rule has several cases; the values are below.</summary>
    public const string Kind = "kind";

    /// <summary>The code of the socket, for a fix that reads from it.</summary>
    public const string Receiver = "receiver";

    public const string MoveBefore = "move-before";
    public const string BindLater = "bind-later";
    public const string MoveAfter = "move-after";
    public const string ReadFromSocket = "read-from-socket";
}
