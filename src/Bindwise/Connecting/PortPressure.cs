using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Bindwise.Linux.SockDiag;

namespace Bindwise;

/// <summary>How many source ports of one address are used for one destination.</summary>
public sealed record PortPressure
{
    /// <summary>The destination.</summary>
    public required IPEndPoint RemoteEndPoint { get; init; }

    /// <summary>The source address.</summary>
    public required IPAddress LocalAddress { get; init; }

    /// <summary>Connections from there to there, TIME_WAIT included: each has a port of its own.</summary>
    public required int Used { get; init; }

    /// <summary>
    /// How many source ports the connector may use, at least 1; one that a socket without a peer is bound to, such as a listener's, is not
    /// among them. A connection fails when all are used.
    /// </summary>
    public required int Available { get; init; }

    /// <summary>The part of the ports that is used: 0 to 1, or more where others use ports that this connector may not.</summary>
    public double Fraction => (double)Used / Available;
}

/// <summary>The connector's part of the meter <c>Bindwise</c>.</summary>
internal sealed class ConnectMeter : IDisposable
{
    /// <summary>Beyond these none is watched: a program with more is not the one whose ports run out for one of them.</summary>
    private const int MostDestinations = 1024;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<IPEndPoint, IpEndpoint> _destinations = new();
    private readonly ConnectorNumber? _number;
    private readonly Meter _meter;
    private readonly Counter<long> _connects;
    private readonly Counter<long> _failures;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly SourceRanges _ports;
    private readonly Lock _lock = new();
    private ImmutableArray<PortPressure> _last = [];
    private long _readAt;

    public ConnectMeter(string? name, SourceRanges ports)
    {
        _ports = ports;
        _number = name is null ? ConnectorNumber.Take() : null;
        _tags = [new(BindwiseTelemetry.ConnectorTag, name ?? _number!.Name)];
        _meter = new Meter(BindwiseTelemetry.MeterName, BindwiseTelemetry.Version);
        _connects = _meter.CreateCounter<long>(BindwiseTelemetry.Connects, "{connection}", "Connections opened.");
        _failures = _meter.CreateCounter<long>(BindwiseTelemetry.ConnectFailures, "{failure}",
            "Connections that failed for want of a source port or of a source that was given.");
        _ = _meter.CreateObservableGauge(BindwiseTelemetry.ConnectPortUsage, Measure, "1",
            "The part of the source ports that is used for a destination: 1 is all of them.");
    }

    public void Know(IPEndPoint remote)
    {
        if (!_destinations.ContainsKey(remote) && _destinations.Count < MostDestinations)
        {
            var address = IpAddress.FromBytes(remote.Address.GetAddressBytes());
            _ = _destinations.TryAdd(new IPEndPoint(remote.Address, remote.Port),
                new IpEndpoint(address.Unmapped, (ushort)remote.Port));
        }
    }

    public void Connected()
    {
        if (_connects.Enabled)
            _connects.Add(1, _tags);
    }

    public void Failed(SocketError error) => _failures.Add(1, [.. _tags, new(BindwiseTelemetry.ErrorTag, SocketErrors.NameOf(error))]);

    public ImmutableArray<PortPressure> ReadPressure()
    {
        if (!OperatingSystem.IsLinux() || _destinations.IsEmpty)
            return [];
        var counter = new OutgoingCounter(_destinations.Values.ToHashSet());
        KernelTable.Count(ref counter);
        var available = _ports.CountWithout(counter.Bound);
        return
        [
            .. counter.Counts.OrderByDescending(static one => one.Value)
                .Select(one => new PortPressure
                {
                    RemoteEndPoint = one.Key.Remote.ToIPEndPoint(),
                    LocalAddress = one.Key.Local.ToIPAddress(),
                    Used = one.Value,
                    Available = available,
                }),
        ];
    }

    public void Dispose()
    {
        _meter.Dispose();
        _number?.Dispose();
    }

    private List<Measurement<double>> Measure()
    {
        lock (_lock)
        {
            if (_readAt == 0 || Stopwatch.GetElapsedTime(_readAt) > Fresh)
            {
                try
                {
                    _last = ReadPressure();
                }
                catch (PortQueryException)
                {
                    // No measurement rather than a wrong one.
                    _last = [];
                }
                _readAt = Stopwatch.GetTimestamp();
            }
            return
            [
                .. _last.Select(one => new Measurement<double>(
                    one.Fraction,
                    [.. _tags, new(BindwiseTelemetry.AddressTag, one.RemoteEndPoint.Address.ToString()), new(BindwiseTelemetry.PortTag,
                        one.RemoteEndPoint.Port), new("network.local.address", one.LocalAddress.ToString())])),
            ];
        }
    }
}

/// <summary>
/// Tells connectors without a name apart in the meter. Numbers are used again, and end somewhere: a program that makes a connector for each
/// request has no more series than one that makes a few.
/// </summary>
internal sealed class ConnectorNumber : IDisposable
{
    private const int Most = 64;
    private const int None = -1;

    private static readonly Lock Gate = new();
    private static ulong s_taken;

    private int _index;

    private ConnectorNumber(int index)
    {
        _index = index;
        Name = index == None ? "#other" : FormattableString.Invariant($"#{index + 1}");
    }

    /// <summary>What stands for the connector's name; no other connector has it, except those beyond the last number.</summary>
    public string Name { get; }

    public static ConnectorNumber Take()
    {
        lock (Gate)
        {
            var index = System.Numerics.BitOperations.TrailingZeroCount(~s_taken);
            if (index == Most)
                return new ConnectorNumber(None);
            s_taken |= 1UL << index;
            return new ConnectorNumber(index);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _index, None) is not None and var index)
        {
            lock (Gate)
                s_taken &= ~(1UL << index);
        }
    }
}
