using System.Net;
using System.Net.Sockets;
using Bindwise.Listening;
using Bindwise.Model.Targets;

namespace Bindwise;

/// <summary>What Bindwise adds to <see cref="TcpListener"/>.</summary>
public static class TcpListenerExtensions
{
    /// <summary>
    /// <see cref="TcpListener.Start(int)"/>, with a failure that says why: a <see cref="BindException"/> with the diagnosis and the holder's
    /// name. The
    /// options are .NET's own, which sets SO_REUSEADDR (and SO_REUSEPORT, when ReuseAddress was set on its socket); for other options use
    /// <see cref="Listener.Bind"/>.
    /// </summary>
    /// <param name="listener">The listener.</param>
    /// <param name="backlog">How many connections may wait for accept() (listen(2)), 1 or more; the system limits it to net.core.somaxconn.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="backlog"/> is below 1.</exception>
    /// <exception cref="BindException">The system refused; the exception says why.</exception>
    public static void StartOrExplain(this TcpListener listener, int backlog = 512)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentOutOfRangeException.ThrowIfLessThan(backlog, 1);
        // A failed start makes a new socket: these are read before it.
        var endpoint = (IPEndPoint)listener.LocalEndpoint;
        var options = OptionsOf(listener.Server);
        try
        {
            listener.Start(backlog);
        }
        catch (SocketException exception)
        {
            var fault = new BindFault(exception.SocketErrorCode, SocketErrors.NameOf(exception.SocketErrorCode), "bind() or listen()", endpoint, Transports.Tcp);
            var diagnosis = FailureDiagnosis.Of(endpoint, Transports.Tcp, options, isPortable: false, out var obstacle, CancellationToken.None);
            throw new BindException(fault.Error, FailureReport.Sentence(fault, diagnosis, obstacle), null, diagnosis);
        }
    }

    private static ProgramOptions OptionsOf(Socket socket) => new()
    {
        ReuseAddress = !OperatingSystem.IsWindows() || IsSet(socket),
        ReusePort = !OperatingSystem.IsWindows() && IsSet(socket),
        V6Only = socket.AddressFamily == AddressFamily.InterNetworkV6 ? !socket.DualMode : null,
    };

    // On Unix .NET sets SO_REUSEADDR and SO_REUSEPORT together, before its bind() sets the former alone.
    private static bool IsSet(Socket socket) => socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress) is int and not 0;
}
