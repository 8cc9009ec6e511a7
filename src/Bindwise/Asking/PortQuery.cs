using Bindwise.Linux.Names;
using Bindwise.Model.Addresses;
using Bindwise.Model.Targets;

namespace Bindwise;

/// <summary>A question about a port or a UNIX path, and how the program in question binds.</summary>
public sealed record PortQuery : InspectionRequest
{
    /// <summary>
    /// What the program in question sets on its socket before bind(), as <see cref="ListenRequest.Settings"/> of a listener. Null: what
    /// nearly all servers set (docs/asking.md).
    /// </summary>
    public SocketSettings? Settings { get; init; }

    internal override ProgramOptions Options
    {
        get => Settings is null ? base.Options : Settings.ToOptions(Target.Protocol == Protocol.Udp ? Transports.Udp : Transports.Tcp);
        init => base.Options = value;
    }

    /// <summary>Answers only with what .NET itself can see, as on macOS and Windows.</summary>
    public bool Portable { get; init; }

    /// <summary>Shows passwords, tokens and keys on command lines; false: masks them.</summary>
    public bool ShowSecrets { get; init; }

    /// <summary>
    /// The other program to answer for, as <c>--user</c>, <c>--pid</c>, <c>--unit</c> and <c>--container</c> name it; null for this
    /// process. Linux only, and not with <see cref="Portable"/>.
    /// </summary>
    public SubjectSelector? As { get; init; }

    /// <summary>
    /// Reads what people type or paste, as <c>bindwise why</c> does: <c>8080</c>, <c>127.0.0.1:53/udp</c>, <c>/run/app.sock</c>, an error
    /// text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text has no port or path; the message says what is wrong and what would be right.</exception>
    public static PortQuery Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parsed = TargetParser.Parse(text);
        return parsed.IsSuccess ? new PortQuery { Target = parsed.Value! } : throw new FormatException(parsed.Error);
    }

    /// <summary>
    /// A TCP port on every address, for a server that sets SO_REUSEADDR, as .NET's own sockets and nearly all servers do on Linux; so
    /// TIME_WAIT of such a server does not count. To ask for a socket without it, set <see cref="SocketSettings.ReuseAddress"/> to false in
    /// <see cref="Settings"/>.
    /// </summary>
    /// <param name="port">0 to 65535; 0 asks whether the system has a port to give.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is not in that range.</exception>
    public static PortQuery Of(int port)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(port);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        return new PortQuery
        {
            Target = new Target { Text = port.ToString(CultureInfo.InvariantCulture), Protocol = Protocol.Tcp, Port = (ushort)port },
        };
    }

    /// <summary>An endpoint: <see cref="IPEndPoint"/> or <see cref="UnixDomainSocketEndPoint"/>.</summary>
    /// <param name="endPoint">The endpoint.</param>
    /// <param name="transport">TCP or UDP; no effect for UNIX.</param>
    /// <exception cref="ArgumentException">The endpoint is of another kind, or both transports are given.</exception>
    public static PortQuery Of(EndPoint endPoint, Transports transport = Transports.Tcp)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return endPoint switch
        {
            IPEndPoint ip => new PortQuery { Target = TargetOf(ip, ProtocolOf(transport)) },
            UnixDomainSocketEndPoint unix => new PortQuery { Target = TargetOf(unix) },
            _ => throw new ArgumentException(
                $"A {endPoint.GetType().Name} is not something to ask about: give an IPEndPoint or a UnixDomainSocketEndPoint.",
                nameof(endPoint)),
        };
    }

    /// <summary>A connection: whether this host has a source port left for it, and who uses the ephemeral range, by destination.</summary>
    /// <param name="remoteEndPoint">Where the connection goes.</param>
    public static PortQuery OfConnect(IPEndPoint remoteEndPoint)
    {
        ArgumentNullException.ThrowIfNull(remoteEndPoint);
        var address = IpAddress.FromBytes(remoteEndPoint.Address.GetAddressBytes());
        var to = new Destination { Host = address.ToString(), Address = address, Port = (ushort)remoteEndPoint.Port };
        return new PortQuery { Target = new Target { Text = $"connect {to}", Protocol = Protocol.Tcp, Port = 0, Destination = to } };
    }

    /// <summary>Checks what <c>required</c> and the compiler leave open.</summary>
    internal void Check(string parameter)
    {
        if (Target is null)
            throw new ArgumentNullException(parameter, "Target of a query must not be null.");
    }

    private static Protocol ProtocolOf(Transports transport) => transport switch
    {
        Transports.Tcp => Protocol.Tcp,
        Transports.Udp => Protocol.Udp,
        _ => throw new ArgumentException("A question is about TCP or UDP: ask twice for both.", nameof(transport)),
    };

    private static Target TargetOf(IPEndPoint endPoint, Protocol protocol)
    {
        var address = IpAddress.FromBytes(endPoint.Address.GetAddressBytes());
        var plain = new IpEndpoint(address, (ushort)endPoint.Port);
        var scope = address.Family == IpFamily.IPv6 && endPoint.Address.ScopeId != 0
            ? endPoint.Address.ScopeId.ToString(CultureInfo.InvariantCulture) : null;
        var host = address.ToString();
        return new Target
        {
            Text = scope is null ? plain.ToString() : string.Create(CultureInfo.InvariantCulture, $"[{host}%{scope}]:{plain.Port}"),
            Protocol = protocol,
            Host = host,
            Address = address,
            Scope = scope,
            Port = plain.Port,
        };
    }

    private static Target TargetOf(UnixDomainSocketEndPoint endPoint)
    {
        var path = UnixEndPoint.PathOf(endPoint);
        if (path.StartsWith('@'))
            path = AbstractName.Spell(Encoding.UTF8.GetBytes(path[1..]));
        return path.Length > 0
            ? new Target { Text = path, Protocol = Protocol.Unix, Path = path }
            : throw new ArgumentException("The UNIX endpoint has no path or name.", nameof(endPoint));
    }
}

/// <summary>
/// A question that the system cannot answer: an unknown host or service, or tables that cannot be read. A port in use is an answer, not an
/// exception.
/// </summary>
/// <param name="message">One line: what failed, why, and what would help.</param>
/// <param name="innerException">What the system said; null for nothing.</param>
public sealed class PortQueryException(string message, Exception? innerException = null)
    : Exception(message, innerException), IBindwiseException
{
    /// <summary>What the command line adds to the message: an option that would help.</summary>
    internal string? OptionHint { get; init; }
}

internal static class KnownService
{
    /// <summary>Whether /etc/services has it, for TCP or UDP; never on other systems than Linux.</summary>
    public static bool Is(string name) =>
        OperatingSystem.IsLinux() && (ServiceNames.FindPort(name, Protocol.Tcp) ?? ServiceNames.FindPort(name, Protocol.Udp)) is not null;
}
