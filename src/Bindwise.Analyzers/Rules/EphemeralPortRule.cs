namespace Bindwise.Analyzers.Rules;

/// <summary>BWC009. The default of net.ipv4.ip_local_port_range; other systems have 49152 to 65535, most of which is in it.</summary>
internal static class EphemeralPortRule
{
    private const int First = 32768;
    private const int Last = 60999;

    public static void Check(FunctionBody body, Report report)
    {
        foreach (var site in ListeningSites.Find(body))
        {
            if (site.Port is { } port and >= First and <= Last)
                report(Diagnostic.Create(AnalyzerRules.EphemeralPort, site.PortOperation.Syntax.GetLocation(), port));
        }
    }
}
