using System.Collections.Concurrent;
using Bindwise.Analyzers.Rules;
using Microsoft.CodeAnalysis.Diagnostics;
using BodyRule = System.Action<Bindwise.Analyzers.Sockets.FunctionBody, System.Action<Microsoft.CodeAnalysis.Diagnostic>>;
using TypeRule = System.Action<Microsoft.CodeAnalysis.INamedTypeSymbol,
    System.Collections.Immutable.ImmutableArray<Bindwise.Analyzers.Sockets.FunctionBody>, System.Action<Microsoft.CodeAnalysis.Diagnostic>>;

namespace Bindwise.Analyzers;

/// <summary>
/// Finds code that leads to "Address already in use", or lets it go unexplained: the rules of docs/analyzers.md.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SocketAnalyzer : DiagnosticAnalyzer
{
    private static readonly BodyRule[] BodyRules = [EndlessRetryRule.Check, WildcardForLocalhostRule.Check, ObsoleteListenerRule.Check,
        EphemeralPortRule.Check, NeverClosedRule.CheckNameless];

    // Those that follow a socket into the private methods that it is passed to.
    private static readonly BodyRule[] FollowingBodyRules = [OptionAfterBindRule.Check, PortGivenBackRule.Check, NeverClosedRule.Check,
        PortReadTooEarlyRule.Check];
    private static readonly TypeRule[] FollowingTypeRules = [ReuseAddressRule.Check, NeverClosedRule.CheckFields];
    private static readonly TypeRule[] TypeRules = [LingerZeroRule.Check, ListedPortRule.Check];

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => AnalyzerRules.All;

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (SocketTypes.Of(start.Compilation) is not { } types)
                return;
            start.RegisterSymbolStartAction(type => StartType(types, type), SymbolKind.NamedType);
        });
    }

    private static void StartType(SocketTypes types, SymbolStartAnalysisContext start)
    {
        var type = (INamedTypeSymbol)start.Symbol;
        var bodies = new ConcurrentBag<FunctionBody>();
        start.RegisterOperationBlockAction(block =>
        {
            // Nested types have a start of their own.
            if (!SymbolEqualityComparer.Default.Equals(block.OwningSymbol.ContainingType, type))
                return;
            var body = new FunctionBody(types, block.OwningSymbol, block.OperationBlocks);
            foreach (var rule in BodyRules)
                rule(body, block.ReportDiagnostic);
            if (!body.Variables.IsEmpty || ListedPortRule.MayConcern(body)
                || body.All<IArgumentOperation>().Any(argument => types.IsSocket(argument.Value.Type)))
                bodies.Add(body);
        });
        start.RegisterSymbolEndAction(end =>
        {
            var all = UnixSockets.LeaveOut(bodies.ToImmutableArray());
            foreach (var rule in TypeRules)
                rule(type, all, end.ReportDiagnostic);
            var followed = CalledMethods.Follow(all);
            foreach (var rule in FollowingTypeRules)
                rule(type, followed, end.ReportDiagnostic);
            foreach (var rule in FollowingBodyRules)
            {
                foreach (var body in followed)
                    rule(body, end.ReportDiagnostic);
            }
        });
    }
}
