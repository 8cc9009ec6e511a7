namespace Bindwise.Analyzers.Rules;

/// <summary>BWC008. The compiler warns of the constructor, too (CS0618); this rule has the fixes.</summary>
internal static class ObsoleteListenerRule
{
    public static void Check(FunctionBody body, Report report)
    {
        foreach (var creation in body.All<IObjectCreationOperation>())
        {
            if (SymbolEqualityComparer.Default.Equals(creation.Type, body.Types.TcpListener)
                && creation.Constructor is { Parameters: { Length: 1 } parameters }
                && parameters[0].Type.SpecialType == SpecialType.System_Int32)
                report(Diagnostic.Create(AnalyzerRules.ObsoleteListener, creation.Syntax.GetLocation()));
        }
    }
}
