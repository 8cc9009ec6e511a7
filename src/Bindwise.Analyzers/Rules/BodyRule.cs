using System.Collections.Immutable;
using Bindwise.Analyzers.Sockets;
using Microsoft.CodeAnalysis;

namespace Bindwise.Analyzers.Rules;

/// <summary>What a rule finds is given to this.</summary>
internal delegate void Report(Diagnostic diagnostic);

/// <summary>A rule that one body is enough for.</summary>
internal delegate void BodyRule(FunctionBody body, Report report);

/// <summary>A rule that needs every body of a type: what one method makes, another one uses.</summary>
internal delegate void TypeRule(INamedTypeSymbol type, ImmutableArray<FunctionBody> bodies, Report report);
