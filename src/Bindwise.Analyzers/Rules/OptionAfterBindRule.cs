namespace Bindwise.Analyzers.Rules;

/// <summary>BWC002. Options that bind() reads are set before it; .NET or the kernel refuses some of them afterwards.</summary>
internal static class OptionAfterBindRule
{
    public static void Check(FunctionBody body, Action<Diagnostic> report)
    {
        foreach (var variable in body.Variables)
        {
            foreach (var set in variable.Of(SocketUseKind.OptionSet))
            {
                if (Consequence(set.Name) is { } consequence
                    && variable.Of(SocketUseKind.Bound).FirstOrDefault(bound => IsStillBound(variable, bound, set)) is { } bind)
                    report(Make(body, variable, bind, set, consequence));
            }
        }
    }

    private static string? Consequence(string option) => option switch
    {
        "ReuseAddress" => "bind() has been refused or granted without it",
        "ExclusiveAddressUse" => "it throws InvalidOperationException",
        "DualMode" or "IPv6Only" => "it fails with InvalidArgument",
        _ => null,
    };

    private static bool IsStillBound(SocketVariable variable, SocketUse bound, SocketUse set)
    {
        // In one call of a private method: that method has the finding.
        if (set.Operation == bound.Operation
            || !(ControlOrder.IsWithin(set.Operation, bound.Operation) || ControlOrder.IsAlwaysBefore(bound.Operation, set.Operation)))
            return false;
        var then = variable.Uses.SkipWhile(use => use != bound).Skip(1).ToList();
        return !then.Exists(static use => use.Kind == SocketUseKind.Assigned)
            && !then.TakeWhile(use => use != set).Any(static use => use.Kind == SocketUseKind.Closed && !use.IsUsing);
    }

    private static Diagnostic Make(FunctionBody body, SocketVariable variable, SocketUse bind, SocketUse set, string consequence)
    {
        var properties = ImmutableDictionary<string, string?>.Empty;
        // Before Bind it would be what BWC001 advises against; to remove it is that rule's fix.
        var isBetterRemoved = ReuseAddressRule.Shares(set)
            && (variable.Has(SocketUseKind.Listening) || SocketTypes.Is(variable.Type, body.Types.TcpListener));
        if (bind.Operation is not IObjectCreationOperation creation)
        {
            // A method that does more than set options may need the port.
            var setsOptionsAlone = variable.Uses.All(use => use.Operation != set.Operation || use.Kind == SocketUseKind.OptionSet);
            properties = isBetterRemoved || !setsOptionsAlone ? properties : properties.Add(FixKeys.Kind, FixKeys.MoveBefore);
        }
        // UdpClient(int) is UdpClient() and a bind to IPAddress.Any.
        else if (SocketTypes.Is(creation.Type, body.Types.UdpClient) && creation.Constructor is { Parameters.Length: 1 } constructor
            && constructor.Parameters[0].Type.SpecialType == SpecialType.System_Int32)
            properties = properties.Add(FixKeys.Kind, FixKeys.BindLater);
        return Diagnostic.Create(AnalyzerRules.OptionAfterBind, set.Operation.Syntax.GetLocation(), [bind.Operation.Syntax.GetLocation()],
            properties, set.Name, bind.Name, consequence);
    }
}
