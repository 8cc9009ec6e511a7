using System.Buffers;
using Bindwise.Linux.Inspecting;
using Bindwise.Model.Listing;
using Bindwise.Model.Secrets;
using Bindwise.Rendering.Listing;

namespace Bindwise;

/// <summary>Which ports <see cref="PortDiagnostics.List"/> lists, and how much it tells of them.</summary>
public sealed record PortListRequest
{
    /// <summary>Which ports; all TCP and UDP ports unless set.</summary>
    public PortFilter Filter { get; init; } = PortFilter.TcpAndUdp;

    /// <summary>
    /// Also counts TIME_WAIT, and the ports that only connections use; connections are then told by state. Costs a walk over all TCP
    /// sockets: some ten milliseconds with 100,000.
    /// </summary>
    public bool AllConnections { get; init; }

    /// <summary>Shows passwords, tokens and keys on the owners' command lines; false: masks them.</summary>
    public bool ShowSecrets { get; init; }

    /// <summary>
    /// Lists only what .NET itself can see, as on macOS and Windows: no UNIX sockets, no owners, no bound-only TCP sockets.
    /// </summary>
    public bool Portable { get; init; }

    internal void Check()
    {
        if (Filter is null)
            throw new ArgumentNullException("request", "Filter must not be null: PortFilter.TcpAndUdp is for all TCP and UDP ports.");
        if (Filter.Protocols.IsDefault || Filter.Ports.IsDefault || Filter.Numbers.IsDefault || Filter.Words.IsDefault)
            throw new ArgumentException("A list of the filter is not initialised: write [] for all.", "request");
        if (!Filter.Protocols.All(Enum.IsDefined))
            throw new ArgumentException("The filter names an unknown protocol.", "request");
    }
}

/// <summary>A listing as text and JSON, as <c>bindwise ls</c> prints them.</summary>
public static class PortListingFormats
{
    /// <summary>The table, without colours; names of processes are escaped. Empty where nothing is listed.</summary>
    /// <param name="listing">The listing.</param>
    /// <param name="width">The terminal's columns, 20 or more; null to cut nothing.</param>
    public static string ToText(this PortListing listing, int? width = null) =>
        string.Join('\n', PortTable.Render(listing, width).Select(static line => line.ToString()));

    /// <summary>One line of JSON for each port, each with its line's end: schema <c>bindwise.port/1</c> (docs/json.md).</summary>
    /// <param name="listing">The listing.</param>
    public static string ToJson(this PortListing listing)
    {
        var bytes = new ArrayBufferWriter<byte>();
        PortJson.Write(bytes, listing);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}

/// <summary>Reads what a listing is made of.</summary>
internal static class PortList
{
    public static PortListing Read(PortListRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var survey = request.Portable || !OperatingSystem.IsLinux() ? ByDotNet(request) : ByKernel(request, cancellationToken);
        if (!request.ShowSecrets)
            survey = survey with { Snapshot = SecretMask.Of(survey.Snapshot) };
        return PortLister.List(survey, request.Filter);
    }

    [SupportedOSPlatform("linux")]
    private static PortSurvey ByKernel(PortListRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return PortSurveyReader.Read(request.Filter, request.AllConnections, cancellationToken);
        }
        catch (Exception exception) when (exception is TableUnreadException or InspectionException)
        {
            throw new PortQueryException(exception.Message, exception);
        }
    }

    private static PortSurvey ByDotNet(PortListRequest request)
    {
        var sockets = DotNetTable.Read(request.Filter.ReadProtocols, [.. request.Filter.ReadPorts]);
        string[] notes = request.Filter.ReadProtocols.Contains(Protocol.Unix) ? [DotNetTable.WithoutUnixSockets, DotNetTable.WithoutOwners]
            : [DotNetTable.WithoutOwners];
        bool IsHeld(HeldSocket socket) => socket.State == TcpSocketState.Listen || socket is { Protocol: Protocol.Udp, Remote.Port: 0 };
        var listening = sockets.Where(IsHeld).Select(static socket => (socket.Protocol, socket.Local)).ToHashSet();
        var byEnd = sockets.Where(socket => !IsHeld(socket) && (request.AllConnections || socket.State != TcpSocketState.TimeWait))
            .GroupBy(socket => (socket.Protocol, socket.Local.Port, Listener: ListenerOf(socket)));
        return new PortSurvey(
            new Snapshot
            {
                TakenAt = DateTimeOffset.Now,
                Sockets = [.. sockets.Where(IsHeld)],
                Coverage = new Coverage { Notes = [.. notes] }
            },
            [
                .. byEnd.Where(group => request.AllConnections || group.Key.Listener is not null).Select(static group =>
                    new ConnectionTally(group.Key.Protocol, group.Key.Port, group.Key.Listener,
                        [.. group.GroupBy(static socket => socket.State).Select(static state => new StateCount(state.Key, state.Count()))])
                    {
                        FromOutside = group.Count(
                            static socket => socket.State != TcpSocketState.TimeWait && !socket.Remote.Address.IsLoopback),
                    }),
            ],
            request.AllConnections)
        {
            AreQueuesUnknown = true,
        };

        IpAddress? ListenerOf(HeldSocket socket)
        {
            var plain = socket.Local.Address.Unmapped;
            foreach (var address in (ReadOnlySpan<IpAddress>)[socket.Local.Address, plain,
                plain.Family == IpFamily.IPv4 ? IpAddress.AnyIPv4 : IpAddress.AnyIPv6, IpAddress.AnyIPv6])
            {
                if (listening.Contains((socket.Protocol, socket.Local with { Address = address })))
                    return address;
            }
            return null;
        }
    }
}
