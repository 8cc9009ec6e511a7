using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Linux.Live.Recording;

/// <summary>
/// The segments of a scenario's namespace: which there were, which of them are held back, and how one gets on its way once more.
/// </summary>
internal sealed class LiveSegments(SegmentCapture tap) : IDisposable
{
    internal readonly record struct Way(IpEndpoint From, IpEndpoint To);
    private sealed record Hold(Way Way, byte Bit, Queue<CapturedSegment> Segments);

    private readonly Dictionary<string, Hold> _holds = new(StringComparer.Ordinal);
    private readonly Dictionary<(Way Way, SegmentKind Kind), CapturedSegment> _last = [];
    private readonly Dictionary<Way, uint> _next = [];
    private readonly HopLimits _limits = new();
    private readonly List<CapturedSegment> _captured = [];
    private List<(CapturedSegment Segment, SegmentFate Fate)> _seen = [];
    private SafeFileDescriptor? _rawIPv4;
    private SafeFileDescriptor? _rawIPv6;

    /// <param name="receives">Whether a socket is left that a hold's filter stands on; an entry has none.</param>
    internal void Drain(Func<Way, bool> receives)
    {
        _captured.Clear();
        tap.Drain(_captured);
        foreach (var segment in _captured)
        {
            var way = new Way(segment.From, segment.To);
            _last[(way, segment.Kind)] = segment;
            _next[way] = EndOf(segment);
            var hold = HoldOf(way);
            var isHeld = hold is not null && receives(way);
            if (isHeld)
                hold!.Segments.Enqueue(segment);
            _seen.Add((segment, isHeld ? SegmentFate.Held : SegmentFate.Delivered));
        }
    }

    internal List<(CapturedSegment Segment, SegmentFate Fate)> Take()
    {
        var seen = _seen;
        _seen = [];
        return seen;
    }

    /// <summary>From here on a connected socket receives nothing.</summary>
    internal Errno Begin(string name, SafeFileDescriptor socket, Way toward)
    {
        if (HoldOf(toward) is not null)
            return Errno.None;
        var bit = _limits.Take();
        var errno = SocketFilterCall.Attach(socket, HopLimits.Filter(bit));
        if (errno == Errno.None)
            _holds[name] = new Hold(toward, bit, []);
        return errno;
    }

    /// <summary>Ends a hold, and sends what was held back on its way.</summary>
    /// <param name="settle">Called after each, so that all that it calls forth comes before the next.</param>
    internal Errno Release(string name, Action settle)
    {
        if (!_holds.Remove(name, out var hold))
            return Errno.EINVAL;
        _limits.Open(hold.Bit);
        var errno = Errno.None;
        while (errno == Errno.None && hold.Segments.TryDequeue(out var segment))
            errno = Send(segment, SegmentFate.Released, settle);
        return errno;
    }

    /// <summary>Ends a hold, and lets what was held back be lost.</summary>
    internal Errno Lose(string name, long now)
    {
        if (!_holds.Remove(name, out var hold))
            return Errno.EINVAL;
        _limits.Open(hold.Bit);
        _seen.AddRange(hold.Segments.Select(segment => (segment with { Nanoseconds = now }, SegmentFate.Lost)));
        return Errno.None;
    }

    /// <summary>Sends the last segment of its kind in a direction once more.</summary>
    internal Errno Repeat(Way way, SegmentKind kind, Action settle) =>
        _last.TryGetValue((way, kind), out var segment) ? Send(segment, SegmentFate.Repeated, settle) : Errno.EINVAL;

    /// <summary>Lets a stream go by unseen, and tells it as one segment.</summary>
    internal Errno Stream(Way way, long bytes, Func<Errno> pump)
    {
        tap.Pause();
        var began = ClockCall.MonotonicNanoseconds();
        var errno = pump();
        tap.Resume();
        if (errno != Errno.None)
            return errno;
        var (first, expected) = (_next.GetValueOrDefault(way), _next.GetValueOrDefault(new Way(way.To, way.From)));
        _seen.Add((new CapturedSegment(began, way.From, way.To, TcpFlags.Ack | TcpFlags.Push, first, expected, (int)bytes, 0),
            SegmentFate.Delivered));
        _next[way] = unchecked(first + (uint)bytes);
        return errno;
    }

    public void Dispose()
    {
        _rawIPv4?.Dispose();
        _rawIPv6?.Dispose();
        tap.Dispose();
    }

    private Errno Send(CapturedSegment segment, SegmentFate fate, Action settle)
    {
        var isIPv6 = segment.To.Address.Family == IpFamily.IPv6;
        ref var raw = ref isIPv6 ? ref _rawIPv6 : ref _rawIPv4;
        if (raw is null)
        {
            var opening = RawPacketCall.Open((int)segment.To.Address.Family, out raw);
            if (opening != Errno.None)
                throw new LiveUnavailableException(opening, $"cannot send a segment again: a raw socket gives {opening}");
        }
        var (first, before) = (_seen.Count, _last.GetValueOrDefault((new Way(segment.From, segment.To), segment.Kind)));
        Span<byte> room = stackalloc byte[SocketAddress.MaximumInternetBytes];
        var to = InternetAddress.Write(room, segment.To with { Port = 0 }, 0);
        var errno = SendCall.Send(raw, RepeatedPacket.Of(segment.Packet, _limits.Default), to);
        settle();
        for (var index = first; index < _seen.Count; index++)
        {
            var (seen, seenFate) = _seen[index];
            if (seen with { Nanoseconds = 0, Hops = 0, Packet = segment.Packet } != segment with { Nanoseconds = 0, Hops = 0 })
                continue;
            // It is no new one of its kind; and one that meets a hold is held.
            if (seenFate == SegmentFate.Delivered)
                _seen[index] = (seen, fate);
            if (before is not null)
                _last[(new Way(segment.From, segment.To), segment.Kind)] = before;
            break;
        }
        return errno;
    }

    private Hold? HoldOf(Way way)
    {
        foreach (var hold in _holds.Values)
        {
            if (hold.Way == way)
                return hold;
        }
        return null;
    }

    private static uint EndOf(CapturedSegment segment) => unchecked(
        segment.Sequence + (uint)segment.Bytes + (segment.Flags.HasFlag(TcpFlags.Syn) ? 1u : 0)
            + (segment.Flags.HasFlag(TcpFlags.Fin) ? 1u : 0));
}
