using System.Buffers;

namespace Bindwise.Recording.Segments;

/// <summary>What a segment's events say but for diagnoses, and where its lines stand: nearly every question is answered from it.</summary>
internal sealed class SegmentDigest(DigestBlock[] blocks, DigestEntry[] entries, int[] ends, byte[] texts)
{
    private readonly string?[] _decoded = new string?[ends.Length];

    public DigestBlock[] Blocks { get; } = blocks;
    public DigestEntry[] Entries { get; } = entries;

    /// <summary>Where in <see cref="Texts"/> each of them ends.</summary>
    public int[] Ends { get; } = ends;

    public byte[] Texts { get; } = texts;

    /// <summary>Bytes that were no lines, lines that were no documents of ours, and events of a later version.</summary>
    public SkippedLines Skipped { get; init; }

    /// <summary>A text of the table; null for -1.</summary>
    public string? Text(int number) => number < 0 ? null : _decoded[number] ??= Encoding.UTF8.GetString(Utf8(number));

    public ReadOnlySpan<byte> Utf8(int number) =>
        number < 0 ? [] : Texts.AsSpan((number == 0 ? 0 : Ends[number - 1])..Ends[number]);

    /// <summary>The event, without its diagnosis.</summary>
    public PortEvent EventOf(in DigestEntry entry) => new()
    {
        Time = new DateTimeOffset(entry.TimeTicks, TimeSpan.Zero),
        Kind = (PortEventKind)entry.Kind,
        Protocol = entry.Protocol == DigestEntry.None ? null : (Protocol)entry.Protocol,
        Call = entry.Call == DigestEntry.None ? null : (PortEventCall)entry.Call,
        Address = Text(entry.Address),
        Result = Text(entry.Result) ?? "ok",
        ProcessId = entry.ProcessId,
        PreviousProcessId = entry.Flags.HasFlag(DigestFlags.HasPrevious) ? entry.PreviousProcessId : null,
        Program = Text(entry.Program),
        Command = Text(entry.Command),
        UserId = entry.Flags.HasFlag(DigestFlags.HasUser) ? entry.UserId : null,
        NetworkNamespace = entry.Flags.HasFlag(DigestFlags.HasNamespace) ? entry.NetworkNamespace : null,
        Cgroup = Text(entry.Cgroup),
        Options = Text(entry.Options) is { } options ? ListOf(options) : null,
        Cause = Text(entry.Cause),
        Summary = Text(entry.Summary),
        Reason = Text(entry.Reason),
        Count = entry.Count,
        LastTime = entry.Flags.HasFlag(DigestFlags.HasLastTime) ? new DateTimeOffset(entry.LastTimeTicks, TimeSpan.Zero) : null,
        Limits = ListOf(Text(entry.Limits) ?? ""),
    };

    private static ImmutableArray<string> ListOf(string text) => text.Length == 0 ? [] : [.. text.Split('\n')];
}

/// <summary>What was passed over in segments.</summary>
internal readonly record struct SkippedLines(long Bytes, long Lines, long UnknownEvents)
{
    /// <summary>How a sentence about them ends.</summary>
    public const string Reason = "that bindwise did not write, or that cannot be read";

    public static SkippedLines operator +(SkippedLines one, SkippedLines other) =>
        new(one.Bytes + other.Bytes, one.Lines + other.Lines, one.UnknownEvents + other.UnknownEvents);
}

/// <summary>Makes a digest from a segment's lines.</summary>
internal sealed class DigestBuilder
{
    private readonly List<DigestEntry> _entries = [];
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<int> _ends = [];
    private readonly ArrayBufferWriter<byte> _texts = new();
    private readonly List<DigestBlock> _blocks = [];
    private long _lines;
    private long _unknown;

    public void Add(ReadOnlySpan<byte> line, LinePlace place)
    {
        switch (EventReader.Read(line, out var happened, out var diagnosis))
        {
            case LineKind.Event:
                _entries.Add(EntryOf(happened!, !diagnosis.Equals(default), place, line.Length));
                break;
            case LineKind.Census when Census.RecordedCensusReader.Read(line, keepsSockets: false) is { } census:
                AddCensus(place.Block, census.Time.UtcTicks, isWhole: census is { Facts: not null, Part: 1 });
                break;
            case LineKind.UnknownEvent:
                _unknown++;
                break;
            default:
                _lines++;
                break;
        }
    }

    public SegmentDigest Build(IReadOnlyList<SegmentBlock> blocks, long skippedBytes)
    {
        var all = new DigestBlock[blocks.Count];
        for (var number = 0; number < all.Length; number++)
        {
            if (number < _blocks.Count)
                all[number] = _blocks[number];
            (all[number].FileOffset, all[number].FileLength) = (blocks[number].Offset, blocks[number].Length);
        }
        return new SegmentDigest(all, [.. _entries], [.. _ends], _texts.WrittenSpan.ToArray())
        {
            Skipped = new SkippedLines(skippedBytes, _lines, _unknown),
        };
    }

    /// <summary>The port of an address; 0 for none.</summary>
    internal static ushort PortOf(Protocol? protocol, string? address)
    {
        var at = protocol == Protocol.Unix ? -1 : address?.LastIndexOf(':') ?? -1;
        return at >= 0 && ushort.TryParse(address.AsSpan(at + 1), System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out var port) ? port : (ushort)0;
    }

    private DigestEntry EntryOf(PortEvent happened, bool hasDiagnosis, LinePlace place, int length) => new()
    {
        TimeTicks = happened.Time.UtcTicks,
        LastTimeTicks = happened.LastTime?.UtcTicks ?? 0,
        Count = happened.Count,
        NetworkNamespace = happened.NetworkNamespace ?? 0,
        ProcessId = happened.ProcessId,
        PreviousProcessId = happened.PreviousProcessId ?? 0,
        UserId = happened.UserId ?? 0,
        Address = Number(happened.Address),
        Result = Number(happened.Result),
        Reason = Number(happened.Reason),
        Program = Number(happened.Program),
        Command = Number(happened.Command),
        Cgroup = Number(happened.Cgroup),
        Options = Number(happened.Options is { } options ? string.Join('\n', options) : null),
        Cause = Number(happened.Cause),
        Summary = Number(happened.Summary),
        Limits = Number(happened.Limits.IsEmpty ? null : string.Join('\n', happened.Limits)),
        Block = place.Block,
        Offset = place.Offset,
        Length = length,
        Port = PortOf(happened.Protocol, happened.Address),
        Kind = (byte)happened.Kind,
        Protocol = (byte?)happened.Protocol ?? DigestEntry.None,
        Call = (byte?)happened.Call ?? DigestEntry.None,
        Flags = (happened.PreviousProcessId is null ? 0 : DigestFlags.HasPrevious) | (happened.UserId is null ? 0 : DigestFlags.HasUser)
            | (happened.NetworkNamespace is null ? 0 : DigestFlags.HasNamespace)
            | (happened.LastTime is null ? 0 : DigestFlags.HasLastTime) | (hasDiagnosis ? DigestFlags.HasDiagnosis : 0),
    };

    private int Number(string? text)
    {
        if (text is null)
            return -1;
        if (_numbers.TryGetValue(text, out var number))
            return number;
        Encoding.UTF8.GetBytes(text, _texts);
        _ends.Add(_texts.WrittenCount);
        return _numbers[text] = _ends.Count - 1;
    }

    private void AddCensus(int number, long ticks, bool isWhole)
    {
        while (_blocks.Count <= number)
            _blocks.Add(default);
        var block = _blocks[number];
        block.HasWholeCensus |= isWhole ? 1 : 0;
        block.FirstCensusTicks = block.FirstCensusTicks == 0 ? ticks : Math.Min(block.FirstCensusTicks, ticks);
        block.LastCensusTicks = Math.Max(block.LastCensusTicks, ticks);
        _blocks[number] = block;
    }
}
