using System.Net;
using Bindwise.Model.Targets;

namespace Bindwise;

/// <summary>What is asked about a port or a UNIX path, and how the program in question binds.</summary>
public sealed record PortQuestion
{
    /// <summary>The address, port or path.</summary>
    public required Target Target { get; init; }

    /// <summary>The options that the program sets before bind().</summary>
    public ProgramOptions Options { get; init; } = ProgramOptions.None;

    /// <summary>
    /// A real bind() may be tried where the rules leave the answer open, and to confirm a free port; the socket is closed at once (docs/probe.md).
    /// </summary>
    public bool MayProbe { get; init; } = true;

    /// <summary>Answers only with what .NET itself can tell, as on macOS and Windows.</summary>
    public bool Portable { get; init; }

    /// <summary>Leaves passwords, tokens and keys on command lines as they are; false: they are masked.</summary>
    public bool ShowSecrets { get; init; }

    /// <summary>Reads what people type or paste, as <c>bindwise why</c> does: <c>8080</c>, <c>127.0.0.1:53/udp</c>, <c>/run/app.sock</c>, an error text.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">It names no port or path; the message says what is wrong and what would be right.</exception>
    public static PortQuestion Parse(string text)
    {
        var parsed = TargetParser.Parse(text);
        return parsed.IsSuccess ? new PortQuestion { Target = parsed.Value! } : throw new FormatException(parsed.Error);
    }

    /// <summary>A TCP port on every address, as servers bind it.</summary>
    /// <param name="port">0 to 65535.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is not in that range.</exception>
    public static PortQuestion Of(int port) => throw new NotSupportedException();

    /// <summary>An endpoint: <see cref="IPEndPoint"/> or <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="transport">TCP or UDP; without meaning for UNIX.</param>
    /// <exception cref="ArgumentException">The endpoint is of another kind, or both transports are given.</exception>
    public static PortQuestion Of(EndPoint endpoint, Transports transport = Transports.Tcp) => throw new NotSupportedException();
}
