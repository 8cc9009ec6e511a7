using Bindwise.Lab.Generating.Templates;
using Bindwise.Model.Addresses;

namespace Bindwise.Lab.Generating.Emitting;

/// <summary>What a socket of the scenario probably is, so that the next steps mostly make sense.</summary>
internal sealed class OpenSocket(string name, Protocol protocol, bool isIPv6)
{
    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>TCP or UDP.</summary>
    public Protocol Protocol { get; } = protocol;

    /// <summary>AF_INET6.</summary>
    public bool IsIPv6 { get; } = isIPv6;

    /// <summary>Where it is bound; null for nowhere.</summary>
    public BindAddress? Place { get; set; }

    /// <summary>Its port; 0 for none, or one that the kernel chose.</summary>
    public ushort Port { get; set; }

    /// <summary>The kernel chose its port.</summary>
    public bool HasAutomaticPort { get; set; }

    /// <summary>It listens.</summary>
    public bool IsListening { get; set; }

    /// <summary>It is connected, or half of it.</summary>
    public bool IsConnected { get; set; }

    /// <summary>The other end; null where that is not accepted yet.</summary>
    public OpenSocket? Peer { get; set; }

    /// <summary>Clients that wait to be accepted.</summary>
    public Queue<OpenSocket> Waiting { get; } = new();

    /// <summary>Bytes that it could receive.</summary>
    public int Unread { get; set; }

    /// <summary>Bytes that it sent to a connection which is not accepted yet.</summary>
    public int Underway { get; set; }

    /// <summary>Its family.</summary>
    public IpFamily Family => IsIPv6 ? IpFamily.IPv6 : IpFamily.IPv4;

    /// <summary>It has a name that the kernel knows it by.</summary>
    public bool IsBound => Port != 0 || HasAutomaticPort;
}
