namespace Bindwise.Analyzers.Rules;

/// <summary>What a rule finds is given to this.</summary>
internal delegate void Report(Diagnostic diagnostic);
