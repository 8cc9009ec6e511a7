namespace Bindwise.Analyzers;

/// <summary>The rules, as the compiler shows them. What may be meant is a suggestion (Info); what fails one day is a warning.</summary>
internal static class AnalyzerRules
{
    /// <summary>The page of the rules, in the repository and in the package.</summary>
    public const string Page = "docs/analyzers.md";

    /// <summary>The package's page on the web, which names every rule; the repository has no address of its own yet.</summary>
    public const string Address = "https://www.nuget.org/packages/Bindwise.Analyzers";

    private const string Category = "Sockets";

    public static readonly DiagnosticDescriptor ReuseAddress = new(
        RuleIds.ReuseAddress, "ReuseAddress on a listener lets another process listen on the same port",
        "{0} on a listener sets SO_REUSEPORT too on Unix: a second process of the same user can then listen on this port, and takes some "
            + "of the connections. .NET sets SO_REUSEADDR itself at Bind.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Address + "#bwc001");

    public static readonly DiagnosticDescriptor OptionAfterBind = new(
        RuleIds.OptionAfterBind, "A socket option that Bind reads is set after Bind", "{0} is set after {1} has bound the socket: {2}",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Address + "#bwc002");

    public static readonly DiagnosticDescriptor PortGivenBack = new(
        RuleIds.PortGivenBack, "A free port is found and not held until it is used",
        "{0}: another process may have it by then. Bind port 0 in the server itself and read the port from it.",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Address + "#bwc003");

    public static readonly DiagnosticDescriptor LingerZero = new(
        RuleIds.LingerZero, "A server resets its clients' connections",
        "{0} makes Close reset the connection: the client loses what it has not read yet and fails with ConnectionReset",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Address + "#bwc004");

    public static readonly DiagnosticDescriptor EndlessRetry = new(
        RuleIds.EndlessRetry, "A bind is tried again without end, or in vain", "{0}",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Address + "#bwc005");

    public static readonly DiagnosticDescriptor NeverClosed = new(
        RuleIds.NeverClosed, "A listener is never closed", "'{0}' is never closed: its port stays taken until {1}",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Address + "#bwc006");

    public static readonly DiagnosticDescriptor WildcardForLocalhost = new(
        RuleIds.WildcardForLocalhost, "A server for localhost listens on every address",
        "{0} accepts connections from other hosts, and '{1}' says that they come from this one",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Address + "#bwc007");

    public static readonly DiagnosticDescriptor ObsoleteListener = new(
        RuleIds.ObsoleteListener, "TcpListener(int) is obsolete",
        "TcpListener(int) listens on every IPv4 address and on no IPv6 address: say which addresses are meant",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Address + "#bwc008");

    public static readonly DiagnosticDescriptor EphemeralPort = new(
        RuleIds.EphemeralPort, "A listener's port is in the ephemeral range",
        "Port {0} is in Linux's default range for outgoing connections, 32768 to 60999: any of them may have it when the server starts",
        Category, DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: Address + "#bwc009");

    public static readonly DiagnosticDescriptor PortReadTooEarly = new(
        RuleIds.PortReadTooEarly, "The port of a socket for port 0 is read where it is not known", "{0}",
        Category, DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: Address + "#bwc010");

    public static ImmutableArray<DiagnosticDescriptor> All { get; } = ImmutableArray.Create(
        ReuseAddress, OptionAfterBind, PortGivenBack, LingerZero, EndlessRetry, NeverClosed, WildcardForLocalhost, ObsoleteListener,
        EphemeralPort,
        PortReadTooEarly);
}
