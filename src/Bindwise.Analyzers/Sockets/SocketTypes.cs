namespace Bindwise.Analyzers.Sockets;

/// <summary>The framework's types that the rules speak of, as one compilation knows them.</summary>
internal sealed class SocketTypes
{
    private readonly INamedTypeSymbol?[] _sockets;

    private SocketTypes(Compilation compilation, INamedTypeSymbol socket)
    {
        Socket = socket;
        TcpListener = compilation.GetTypeByMetadataName("System.Net.Sockets.TcpListener");
        TcpClient = compilation.GetTypeByMetadataName("System.Net.Sockets.TcpClient");
        UdpClient = compilation.GetTypeByMetadataName("System.Net.Sockets.UdpClient");
        IPAddress = compilation.GetTypeByMetadataName("System.Net.IPAddress");
        IPEndPoint = compilation.GetTypeByMetadataName("System.Net.IPEndPoint");
        HttpListener = compilation.GetTypeByMetadataName("System.Net.HttpListener");
        HttpListenerException = compilation.GetTypeByMetadataName("System.Net.HttpListenerException");
        LingerOption = compilation.GetTypeByMetadataName("System.Net.Sockets.LingerOption");
        SocketOptionName = compilation.GetTypeByMetadataName("System.Net.Sockets.SocketOptionName");
        SocketError = compilation.GetTypeByMetadataName("System.Net.Sockets.SocketError");
        SocketException = compilation.GetTypeByMetadataName("System.Net.Sockets.SocketException");
        AddressInUseException = compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Connections.AddressInUseException");
        IOException = compilation.GetTypeByMetadataName("System.IO.IOException");
        WebApplication = compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Builder.WebApplication");
        WebHost = compilation.GetTypeByMetadataName("Microsoft.AspNetCore.Hosting.IWebHost");
        Host = compilation.GetTypeByMetadataName("Microsoft.Extensions.Hosting.IHost");
        CancellationToken = compilation.GetTypeByMetadataName("System.Threading.CancellationToken");
        Disposable = compilation.GetTypeByMetadataName("System.IDisposable");
        AsyncDisposable = compilation.GetTypeByMetadataName("System.IAsyncDisposable");
        EntryPoint = compilation.GetEntryPoint(System.Threading.CancellationToken.None);
        _sockets = [Socket, TcpListener, TcpClient, UdpClient, HttpListener];
    }

    /// <summary>The types of a compilation; null where it knows no sockets, and no rule applies.</summary>
    public static SocketTypes? Of(Compilation compilation) =>
        compilation.GetTypeByMetadataName("System.Net.Sockets.Socket") is { } socket ? new SocketTypes(compilation, socket) : null;

    public INamedTypeSymbol Socket { get; }
    public INamedTypeSymbol? TcpListener { get; }
    public INamedTypeSymbol? TcpClient { get; }
    public INamedTypeSymbol? UdpClient { get; }
    public INamedTypeSymbol? HttpListener { get; }
    public INamedTypeSymbol? HttpListenerException { get; }
    public INamedTypeSymbol? IPAddress { get; }
    public INamedTypeSymbol? IPEndPoint { get; }
    public INamedTypeSymbol? LingerOption { get; }
    public INamedTypeSymbol? SocketOptionName { get; }
    public INamedTypeSymbol? SocketError { get; }
    public INamedTypeSymbol? SocketException { get; }
    public INamedTypeSymbol? AddressInUseException { get; }
    public INamedTypeSymbol? IOException { get; }
    public INamedTypeSymbol? WebApplication { get; }
    public INamedTypeSymbol? WebHost { get; }
    public INamedTypeSymbol? Host { get; }
    public INamedTypeSymbol? CancellationToken { get; }
    public INamedTypeSymbol? Disposable { get; }
    public INamedTypeSymbol? AsyncDisposable { get; }

    /// <summary>Where the program starts; null for a library.</summary>
    public IMethodSymbol? EntryPoint { get; }

    /// <summary>Whether a variable of that type is a socket, or wraps one.</summary>
    public bool IsSocket(ITypeSymbol? type) => Array.Exists(_sockets, socket => Is(type, socket));

    public static bool Is(ITypeSymbol? type, INamedTypeSymbol? wanted)
    {
        for (; type is not null && wanted is not null; type = type.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(type, wanted))
                return true;
        }
        return false;
    }
}
