using System.Runtime.InteropServices;

namespace Bindwise.Recording.Segments;

/// <summary>What a digest says that may be absent.</summary>
[Flags]
internal enum DigestFlags : byte
{
    None = 0,
    HasPrevious = 1,
    HasUser = 2,
    HasNamespace = 4,
    HasLastTime = 8,
    HasDiagnosis = 16,
}

/// <summary>
/// An event in a fixed number of bytes, as an index file holds it. Texts are numbers in a table, -1 for null; lists are texts with line
/// feeds.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct DigestEntry
{
    /// <summary>A protocol or a call that is null.</summary>
    public const byte None = 0xff;

    public long TimeTicks;
    public long LastTimeTicks;
    public long Count;
    public ulong NetworkNamespace;
    public int ProcessId;
    public int PreviousProcessId;
    public uint UserId;
    public int Address;
    public int Result;
    public int Reason;
    public int Program;
    public int Command;
    public int Cgroup;
    public int Options;
    public int Cause;
    public int Summary;
    public int Limits;
    public int Block;
    public int Offset;
    public int Length;
    public ushort Port;
    public byte Kind;
    public byte Protocol;
    public byte Call;
    public DigestFlags Flags;
    public ushort Reserved;
}

/// <summary>A part of the segment, as an index file holds it.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct DigestBlock
{
    public long FileOffset;
    public int FileLength;

    /// <summary>1: a census that is whole begins in it.</summary>
    public int HasWholeCensus;

    /// <summary>The earliest and the latest census; 0 for none.</summary>
    public long FirstCensusTicks;
    public long LastCensusTicks;
}

/// <summary>How an index file begins.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
internal struct DigestHeader
{
    /// <summary>"BWINDEX2": another version is another number, and is made anew.</summary>
    public const ulong Version = 0x3258_4544_4e49_5742;

    public ulong Magic;

    // The segment that it was made from.
    public ulong SegmentBytes;
    public long ModifiedSeconds;
    public ulong ModifiedNanosecondsAndInode;

    public int Blocks;
    public int Entries;
    public int Texts;
    public int TextBytes;
    public long SkippedBytes;
    public long SkippedLines;
    public long UnknownEvents;

    /// <summary>Of all that follows the header.</summary>
    public ulong Checksum;
}
