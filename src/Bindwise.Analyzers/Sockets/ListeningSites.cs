using System.Text.RegularExpressions;

namespace Bindwise.Analyzers.Sockets;

/// <summary>Finds where a body says on which address and port TCP is listened on: TcpListener, Socket, Kestrel, HttpListener.</summary>
internal static class ListeningSites
{
    private static readonly Regex Url =
        new(@"https?://(?<host>\[[^\]]*\]|[^/:;]+):(?<port>\d{1,5})(?=/|;|$)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    private static readonly Regex UrlUpToThePort =
        new(@"https?://(?<host>\[[^\]]*\]|[^/:;]+):$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    public static IEnumerable<ListeningSite> Find(FunctionBody body)
    {
        foreach (var operation in body.Operations)
        {
            switch (operation)
            {
                case IObjectCreationOperation creation when SocketTypes.Is(creation.Type, body.Types.TcpListener):
                    if (OfArguments(body, creation, creation.Arguments, "localaddr", "localEP") is { } created)
                        yield return created;
                    break;
                case IInvocationOperation call:
                    foreach (var site in OfCall(body, call))
                        yield return site;
                    break;
            }
        }
    }

    public static ListenAddressKind KindOf(FunctionBody body, IOperation? address) =>
        address is null || body.Values.Resolve(address) is not IFieldReferenceOperation { Field: var field }
            || !SymbolEqualityComparer.Default.Equals(field.ContainingType, body.Types.IPAddress) ? ListenAddressKind.Unknown
        : field.Name switch
        {
            "Any" or "IPv6Any" => ListenAddressKind.Wildcard,
            "Loopback" or "IPv6Loopback" => ListenAddressKind.Loopback,
            _ => ListenAddressKind.Unknown,
        };

    /// <summary>The creation of the IPEndPoint that an expression is.</summary>
    public static IObjectCreationOperation? EndPoint(FunctionBody body, IOperation? value) =>
        value is not null && body.Values.Resolve(value) is IObjectCreationOperation creation
            && SocketTypes.Is(creation.Type, body.Types.IPEndPoint) ? creation : null;

    private static IEnumerable<ListeningSite> OfCall(FunctionBody body, IInvocationOperation call)
    {
        var method = call.TargetMethod;
        switch (method.Name)
        {
            case "Create" when SocketTypes.Is(method.ContainingType, body.Types.TcpListener):
            case "ListenAnyIP" when IsKestrel(method):
                if (LocalValues.Argument(call.Arguments, "port") is { } port)
                    yield return new ListeningSite(call, ListenAddressKind.Wildcard, port, body.Values.Number(port));
                break;
            case "ListenLocalhost" when IsKestrel(method):
                if (LocalValues.Argument(call.Arguments, "port") is { } local)
                    yield return new ListeningSite(call, ListenAddressKind.Loopback, local, body.Values.Number(local));
                break;
            case "Listen" when IsKestrel(method):
                if (OfArguments(body, call, call.Arguments, "address", "endPoint") is { } kestrel)
                    yield return kestrel;
                break;
            case "Bind" when SocketTypes.Is(method.ContainingType, body.Types.Socket) && IsListener(body, call):
                if (OfArguments(body, call, call.Arguments, "", "localEP") is { } bound)
                    yield return bound;
                break;
            case "UseUrls" or "Run" or "RunAsync" or "Add" when IsOfUrls(call):
                foreach (var site in call.Arguments.SelectMany(argument => OfUrls(body, argument.Value)))
                    yield return site;
                break;
        }
    }

    /// <summary>The URLs that an expression names, with the port in digits or as a part of their own.</summary>
    public static IEnumerable<ListeningSite> OfUrls(FunctionBody body, IOperation value)
    {
        foreach (var text in body.Values.Resolve(value).DescendantsAndSelf())
        {
            if (text is IInterpolatedStringOperation interpolated)
            {
                for (var index = 0; index + 1 < interpolated.Parts.Length; index++)
                {
                    if (interpolated.Parts[index] is IInterpolatedStringTextOperation { Text.ConstantValue.Value: string before }
                        && interpolated.Parts[index + 1] is IInterpolationOperation port
                        && UrlUpToThePort.Match(before) is { Success: true } open)
                        yield return new ListeningSite(text, KindOf(open.Groups["host"].Value), port.Expression,
                            body.Values.Number(port.Expression));
                }
            }
            else if (text is ILiteralOperation or IFieldReferenceOperation && text.ConstantValue is { HasValue: true, Value: string urls })
            {
                foreach (Match match in Url.Matches(urls))
                    yield return new ListeningSite(text, KindOf(match.Groups["host"].Value), text,
                        int.Parse(match.Groups["port"].Value, System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    private static ListeningSite? OfArguments(FunctionBody body, IOperation operation, ImmutableArray<IArgumentOperation> arguments,
        string addressName, string endPointName)
    {
        var address = LocalValues.Argument(arguments, addressName);
        var port = LocalValues.Argument(arguments, "port");
        if (EndPoint(body, LocalValues.Argument(arguments, endPointName)) is { } endPoint)
        {
            address = LocalValues.Argument(endPoint.Arguments, "address");
            port = LocalValues.Argument(endPoint.Arguments, "port");
        }
        return port is null ? null : new ListeningSite(operation, KindOf(body, address), port, body.Values.Number(port), address);
    }

    private static ListenAddressKind KindOf(string host) => host.ToLowerInvariant() switch
    {
        "*" or "+" or "0.0.0.0" or "[::]" => ListenAddressKind.Wildcard,
        "localhost" or "127.0.0.1" or "[::1]" => ListenAddressKind.Loopback,
        _ => ListenAddressKind.Unknown,
    };

    private static bool IsKestrel(IMethodSymbol method) => method.ContainingType is
    {
        Name: "KestrelServerOptions",
        ContainingNamespace: { } space
    } && space.ToDisplayString() == "Microsoft.AspNetCore.Server.Kestrel.Core";

    // A socket that is bound and never listens is a client's, or for UDP.
    private static bool IsListener(FunctionBody body, IInvocationOperation bind) =>
        body.Variables.Any(variable =>
            variable.Has(SocketUseKind.Listening) && variable.Uses.Any(use => use.Kind == SocketUseKind.Bound && use.Operation == bind));

    private static bool IsOfUrls(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        var type = method.ContainingType.Name;
        return method.Name switch
        {
            "UseUrls" => type == "HostingAbstractionsWebHostBuilderExtensions",
            "Run" or "RunAsync" => type == "WebApplication",
            _ => type == "HttpListenerPrefixCollection"
                || (call.Instance is not null && LocalValues.Unwrap(call.Instance)
                    is IPropertyReferenceOperation { Property: { Name: "Urls", ContainingType.Name: "WebApplication" } }),
        };
    }
}

internal enum ListenAddressKind
{
    Unknown,
    Loopback,
    Wildcard,
}

/// <summary>A place in the code that says where something listens.</summary>
internal sealed class ListeningSite(IOperation operation, ListenAddressKind address, IOperation portOperation, int? port,
    IOperation? addressOperation = null)
{
    public IOperation Operation { get; } = operation;
    public ListenAddressKind Address { get; } = address;
    public IOperation PortOperation { get; } = portOperation;
    public int? Port { get; } = port;

    /// <summary>What says the address: IPAddress.Any, the call ListenAnyIP, or the URL.</summary>
    public IOperation AddressOperation { get; } = addressOperation ?? operation;
}
