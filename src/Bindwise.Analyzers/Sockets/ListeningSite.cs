using Microsoft.CodeAnalysis;

namespace Bindwise.Analyzers.Sockets;

internal enum ListenAddressKind
{
    Unknown,
    Loopback,
    Wildcard,
}

/// <summary>A place in the code that says where something listens.</summary>
/// <param name="operation">The call or creation, or the URL.</param>
/// <param name="address">Which addresses.</param>
/// <param name="portOperation">Where the port stands.</param>
/// <param name="port">The port, where the compiler knows it.</param>
/// <param name="addressOperation">What says the address, where that is not the whole: IPAddress.Any, for instance.</param>
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
