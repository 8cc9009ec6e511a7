namespace Bindwise.Model.Targets;

/// <summary>A service that has no port for the protocol of a target.</summary>
internal static class UnknownService
{
    /// <summary>One line that says why, and what to write instead.</summary>
    /// <param name="findPort">The port of a service for a protocol.</param>
    /// <param name="file">Where the names come from.</param>
    public static string Explain(string service, Protocol protocol, Func<string, Protocol, ushort?> findPort, string file) =>
        protocol == Protocol.Udp && findPort(service, Protocol.Tcp) is not null
            ? $"'{service}' is a TCP service here, not a UDP one: name its protocol, as in {service}/tcp"
        : protocol == Protocol.Tcp && findPort(service, Protocol.Udp) is not null
            ? $"'{service}' is a UDP service here, not a TCP one: name its protocol, as in {service}/udp"
        : $"unknown service '{service}': give its port number, or a name from {file}";
}
