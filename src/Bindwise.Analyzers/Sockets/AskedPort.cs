using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Bindwise.Analyzers.Sockets;

/// <summary>Which port a socket variable is bound to, as its creation, its Bind or its prefix says.</summary>
internal static class AskedPort
{
    /// <summary>The expression of the port; null where it is not in this body, or there are several.</summary>
    public static IOperation? Of(FunctionBody body, SocketVariable variable)
    {
        var found = variable.Of(SocketUseKind.Assigned).Select(use => OfCreation(body, LocalValues.Unwrap(use.Value!)))
            .Concat(variable.Of(SocketUseKind.Bound).Where(static use => use.Name == "Bind").Select(use => OfEndPoint(body, use.Value)))
            .Concat(variable.Of(SocketUseKind.PrefixAdded).SelectMany(use => ListeningSites.OfUrls(body, use.Value!))
                .Select(static site => site.PortOperation))
            .Where(static port => port is not null).ToList();
        return found.Count == 1 ? found[0] : null;
    }

    private static IOperation? OfCreation(FunctionBody body, IOperation value) => value switch
    {
        IObjectCreationOperation creation
            when SocketTypes.Is(creation.Type, body.Types.TcpListener) || SocketTypes.Is(creation.Type, body.Types.UdpClient) =>
            creation.Constructor?.Parameters.Length > 0 && creation.Constructor.Parameters[0].Name == "hostname" ? null
                : LocalValues.Argument(creation.Arguments, "port") ?? OfEndPoint(body, LocalValues.Argument(creation.Arguments, "localEP")),
        IInvocationOperation { TargetMethod.Name: "Create" } call
            when SocketTypes.Is(call.TargetMethod.ContainingType, body.Types.TcpListener) => LocalValues.Argument(call.Arguments, "port"),
        _ => null,
    };

    private static IOperation? OfEndPoint(FunctionBody body, IOperation? endPoint) =>
        ListeningSites.EndPoint(body, endPoint) is { } creation ? LocalValues.Argument(creation.Arguments, "port") : null;
}
