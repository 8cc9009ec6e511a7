using System.Collections.Immutable;
using Bindwise.Analyzers.Sockets;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Bindwise.Analyzers.Rules;

/// <summary>
/// BWC001. On Unix, .NET sets SO_REUSEADDR and SO_REUSEPORT for ReuseAddress = true and for ExclusiveAddressUse = false
/// (SystemNative_SetSockOpt, pal_networking.c); Bind of a TCP socket sets SO_REUSEADDR by itself.
/// </summary>
internal static class ReuseAddressRule
{
    public static void Check(INamedTypeSymbol type, ImmutableArray<FunctionBody> bodies, Report report)
    {
        var variables = bodies.SelectMany(static body => body.Variables).ToList();
        var listening = new HashSet<ISymbol>(variables.Where(static variable => variable.Has(SocketUseKind.Listening) || IsReturnedToKestrel(variable))
            .Select(static variable => variable.Symbol), SymbolEqualityComparer.Default);
        var datagrams = new HashSet<ISymbol>(variables.Where(IsDatagram).Select(static variable => variable.Symbol), SymbolEqualityComparer.Default);
        foreach (var body in bodies)
        {
            foreach (var variable in body.Variables)
            {
                var isListener = SocketTypes.Is(variable.Type, body.Types.TcpListener) || (SocketTypes.Is(variable.Type, body.Types.Socket) && listening.Contains(variable.Symbol));
                if (!isListener || datagrams.Contains(variable.Symbol))
                    continue;
                foreach (var use in variable.Of(SocketUseKind.OptionSet).Where(Shares).Where(static use => !IsForWindows(use.Operation)))
                    report(Diagnostic.Create(AnalyzerRules.ReuseAddress, use.Operation.Syntax.GetLocation(), use.Name == "ReuseAddress" ? "ReuseAddress" : "ExclusiveAddressUse = false"));
            }
        }
    }

    /// <summary>Whether it allows a second socket on the port.</summary>
    public static bool Shares(SocketUse use) => use.Value is { } value && LocalValues.Unwrap(value).ConstantValue is { HasValue: true } constant && (use.Name, constant.Value) switch
    {
        ("ReuseAddress", true) => true,
        ("ReuseAddress", int number) => number != 0,
        ("ExclusiveAddressUse", false or 0) => true,
        _ => false,
    };

    private static bool IsDatagram(SocketVariable variable) => variable.Of(SocketUseKind.Assigned).Any(static use => use.Value!.DescendantsAndSelf()
        .Any(static one => one is IFieldReferenceOperation { Field: { Name: "Dgram", ContainingType.Name: "SocketType" } }));

    // SocketTransportOptions.CreateBoundListenSocket: the socket is bound here, and listens in Kestrel.
    private static bool IsReturnedToKestrel(SocketVariable variable) => variable.Of(SocketUseKind.Bound).Any(static use =>
        use.Function is IAnonymousFunctionOperation function && ControlOrder.Enclosing(function).OfType<ISimpleAssignmentOperation>().Any(static set =>
            set.Target is IPropertyReferenceOperation { Property.Name: "CreateBoundListenSocket" }));

    // On Windows SO_REUSEADDR is another option, and SO_EXCLUSIVEADDRUSE exists.
    private static bool IsForWindows(IOperation operation) => ControlOrder.Enclosing(operation).OfType<IConditionalOperation>().Any(static conditional =>
        conditional.Condition.DescendantsAndSelf().Any(static one => one is IInvocationOperation { TargetMethod.Name: "IsWindows" }
            or IPropertyReferenceOperation { Property: { Name: "Windows", ContainingType.Name: "OSPlatform" } }));
}
