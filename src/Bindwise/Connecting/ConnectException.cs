using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Rendering.Escaping;

namespace Bindwise;

/// <summary>
/// A connection that could not be opened for want of a source port, or of a source address: a <see cref="SocketException"/>, so that
/// existing handlers still work. Any other failure, such as a refused connection, is the plain exception of <see cref="Socket"/>.
/// </summary>
public sealed class ConnectException : SocketException, IBindwiseException
{
    /// <summary>Makes the exception; Bindwise throws it, and tests may make their own.</summary>
    /// <param name="socketErrorCode">The error, as .NET's own sockets report it.</param>
    /// <param name="message">What failed, and who uses the ports.</param>
    /// <param name="remoteEndPoint">Where the connection was to go.</param>
    /// <param name="diagnosis">Who uses the range, by destination (<see cref="Diagnosis.PortUse"/>); null if
    /// you asked for none, or none was found.</param>
    public ConnectException(SocketError socketErrorCode, string message, IPEndPoint remoteEndPoint, Diagnosis? diagnosis)
        : base((int)socketErrorCode, message)
    {
        RemoteEndPoint = remoteEndPoint;
        Diagnosis = diagnosis;
    }

    /// <summary>Where the connection was to go.</summary>
    public IPEndPoint RemoteEndPoint { get; }

    /// <summary>Why; null if you asked for no explanation, or none was found.</summary>
    public Diagnosis? Diagnosis { get; }
}

internal static class ConnectFailure
{
    private const int MostNamed = 3;

    /// <summary>
    /// No port was left: whence, within what, and who has the most. Unexplained it may also be that the host has no IPv6 address.
    /// </summary>
    public static string Describe(IPEndPoint remoteEndPoint, ImmutableArray<IPAddress> sources, string ports, Diagnosis? diagnosis)
    {
        var from = string.Join(", ", sources);
        var isAddressUnknown = diagnosis is null && from.Length == 0 && remoteEndPoint.AddressFamily == AddressFamily.InterNetworkV6;
        var text = new StringBuilder(
            $"No source port{(isAddressUnknown ? ", or no IPv6 address," : "")} is left for a connection to {remoteEndPoint}"
                + $"{(from.Length > 0 ? $" from {from}" : "")} (EADDRNOTAVAIL); it may use {ports}.");
        // A port counts for each source apart.
        var destinations = diagnosis?.PortUse?.Destinations
            .Where(use => from.Length == 0 || sources.Contains(use.Local.ToIPAddress())).Take(MostNamed).ToList() ?? [];
        for (var index = 0; index < destinations.Count; index++)
        {
            var use = destinations[index];
            _ = text.Append(CultureInfo.InvariantCulture,
                $"{(index > 0 ? ", " : " Most are used for ")}{use.Remote} from {use.Local}: {use.Count}");
            if (use.TimeWait > 0)
                _ = text.Append(CultureInfo.InvariantCulture, $" ({use.TimeWait} in TIME_WAIT)");
            AppendHolders(text, use.Holders);
        }
        if (destinations.Count > 0)
            _ = text.Append('.');
        if (diagnosis?.PortUse is { Bound: > 0 and var bound, BoundBy: var holders })
        {
            _ = text.Append(CultureInfo.InvariantCulture, $" {bound} {(bound == 1 ? "is" : "are")} bound");
            AppendHolders(text, holders);
            _ = text.Append(", and connect() takes no bound port.");
        }
        return text.ToString();
    }

    // One holder of all of them needs no number.
    private static void AppendHolders(StringBuilder text, ImmutableArray<DestinationHolder> holders)
    {
        for (var index = 0; index < Math.Min(MostNamed, holders.Length); index++)
        {
            var holder = holders[index];
            var share = holders.Length == 1 ? ""
                : string.Create(CultureInfo.InvariantCulture, $"{(holder.IsCounted ? "" : "about ")}{holder.Count} ");
            _ = text.Append(CultureInfo.InvariantCulture,
                $"{(index > 0 ? " and " : share.Length > 0 ? ", of them " : " ")}{share}by "
                    + $"{Escaper.Escape(ProcessNames.Short(holder.Process))}");
        }
        if (holders.Length > MostNamed)
            _ = text.Append(CultureInfo.InvariantCulture,
                $" and {holders.Skip(MostNamed).Sum(static one => one.Count)} by {holders.Length - MostNamed} others");
    }
}
