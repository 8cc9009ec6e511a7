namespace Bindwise.Analyzers.Rules;

/// <summary>What a rule finds is given to this.</summary>
internal delegate void Report(Diagnostic diagnostic);

/// <summary>A rule for which one body is enough: as it is, or with what the type's private methods do in it.</summary>
internal delegate void BodyRule(FunctionBody body, Report report);

/// <summary>A rule that needs every body of a type: what one method makes, another one uses.</summary>
internal delegate void TypeRule(INamedTypeSymbol type, ImmutableArray<FunctionBody> bodies, Report report);
