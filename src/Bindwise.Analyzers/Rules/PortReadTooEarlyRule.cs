using Microsoft.CodeAnalysis.CSharp;

namespace Bindwise.Analyzers.Rules;

/// <summary>
/// BWC010. Before Start, TcpListener.LocalEndpoint has the port that was asked for, 0; before Bind, Socket.LocalEndPoint is null; and the
/// IPEndPoint that Bind got never changes.
/// </summary>
internal static class PortReadTooEarlyRule
{
    public static void Check(FunctionBody body, Action<Diagnostic> report)
    {
        foreach (var variable in body.Variables)
        {
            CheckReads(body, variable, report);
            CheckEndPoint(body, variable, report);
        }
    }

    private static void CheckReads(FunctionBody body, SocketVariable variable, Action<Diagnostic> report)
    {
        var isListener = SocketTypes.Is(variable.Type, body.Types.TcpListener);
        if (variable.Symbol is not ILocalSymbol || (!isListener && !SocketTypes.Is(variable.Type, body.Types.Socket))
            || AskedPort.Of(body, variable) is not { } port || body.Values.Number(port) != 0)
            return;
        var created = variable.Of(SocketUseKind.Assigned).First();
        foreach (var read in variable.Of(SocketUseKind.EndPointRead))
        {
            var isUnbound = variable.Uses.Where(use => use.Position < read.Position)
                .All(static use => use.IsUsing
                    || use.Kind is SocketUseKind.Assigned or SocketUseKind.OptionSet or SocketUseKind.EndPointRead)
                && ControlOrder.IsAlwaysBefore(created.Operation, read.Operation) && variable.Of(SocketUseKind.Assigned).Count() == 1
                && !IsInALoopWithABind(variable, read);
            if (!isUnbound || IsOfNoPort(read.Operation, isListener)
                || ControlOrder.Enclosing(read.Operation).OfType<IBinaryOperation>().Any()
                || ControlOrder.Enclosing(read.Operation).OfType<IIsPatternOperation>().Any())
                continue;
            var bind = variable.Of(SocketUseKind.Bound).FirstOrDefault(use => ControlOrder.IsAlwaysBefore(read.Operation, use.Operation));
            var properties = bind is null ? ImmutableDictionary<string, string?>.Empty
                : ImmutableDictionary<string, string?>.Empty.Add(FixKeys.Kind, FixKeys.MoveAfter);
            var message = isListener ? $"The port is 0 before '{variable.Symbol.Name}' is started: read it after Start"
                : $"LocalEndPoint of '{variable.Symbol.Name}' is null before Bind: read it after Bind";
            report(Diagnostic.Create(AnalyzerRules.PortReadTooEarly, read.Operation.Syntax.GetLocation(),
                bind is null ? [] : [bind.Operation.Syntax.GetLocation()], properties, message));
        }
    }

    // nameof(listener.LocalEndpoint); and before Start a TcpListener's endpoint has its family and address already.
    private static bool IsOfNoPort(IOperation read, bool isListener) =>
        ControlOrder.Enclosing(read).OfType<INameOfOperation>().Any()
        || (isListener && ControlOrder.Enclosing(read).SkipWhile(static at => at is IConversionOperation or IParenthesizedOperation)
            .FirstOrDefault() is IPropertyReferenceOperation { Property.Name: "AddressFamily" or "Address" });

    private static bool IsInALoopWithABind(SocketVariable variable, SocketUse read) =>
        ControlOrder.Enclosing(read.Operation).OfType<ILoopOperation>().Any(loop =>
        !ControlOrder.IsWithin(variable.Uses[0].Operation, loop)
            && variable.Of(SocketUseKind.Bound).Any(bind => ControlOrder.IsWithin(bind.Operation, loop)));

    // var endPoint = new IPEndPoint(address, 0); socket.Bind(endPoint); … endPoint.Port
    private static void CheckEndPoint(FunctionBody body, SocketVariable variable, Action<Diagnostic> report)
    {
        foreach (var (argument, bound) in EndPointsOf(variable))
        {
            if (LocalValues.Unwrap(argument) is not ILocalReferenceOperation reference
                || ListeningSites.EndPoint(body, argument) is not { } creation
                || body.Values.Number(LocalValues.Argument(creation.Arguments, "port")) != 0)
                continue;
            var reads = body.All<IPropertyReferenceOperation>().Where(property => property.Property.Name == "Port"
                && property.Instance is ILocalReferenceOperation instance
                && SymbolEqualityComparer.Default.Equals(instance.Local, reference.Local)).ToList();
            if (reads.Exists(static read => read.Parent is IAssignmentOperation set && set.Target == read))
                continue;
            foreach (var read in reads.Where(read => ControlOrder.IsAlwaysBefore(bound, read)))
            {
                var isTcpListener = SocketTypes.Is(variable.Type, body.Types.TcpListener);
                var options = (CSharpParseOptions)read.Syntax.SyntaxTree.Options;
                var forgiving = options.LanguageVersion >= LanguageVersion.CSharp8 ? "!" : "";
                var properties = ImmutableDictionary<string, string?>.Empty.Add(FixKeys.Kind, FixKeys.ReadFromSocket)
                    .Add(FixKeys.Receiver, variable.Symbol.Name + (isTcpListener ? ".LocalEndpoint" : ".LocalEndPoint" + forgiving));
                report(Diagnostic.Create(AnalyzerRules.PortReadTooEarly, read.Syntax.GetLocation(), properties,
                    $"'{reference.Local.Name}' is what was asked for, port 0: read LocalEndPoint of '{variable.Symbol.Name}', which has "
                        + "the port"));
            }
        }
    }

    // With the operation after which the socket has its port.
    private static IEnumerable<(IOperation Argument, IOperation Bound)> EndPointsOf(SocketVariable variable)
    {
        foreach (var bind in variable.Of(SocketUseKind.Bound))
        {
            if (bind is { Name: "Bind", Value: { } endPoint })
                yield return (endPoint, bind.Operation);
            else if (bind.Name == "Start" && variable.Of(SocketUseKind.Assigned).FirstOrDefault() is { Value: { } value }
                && LocalValues.Unwrap(value) is IObjectCreationOperation creation
                && LocalValues.Argument(creation.Arguments, "localEP") is { } given)
                yield return (given, bind.Operation);
        }
    }
}
