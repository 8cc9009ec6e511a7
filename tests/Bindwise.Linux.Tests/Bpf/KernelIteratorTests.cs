using System.Runtime.InteropServices;
using System.Text;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Native;
using Bindwise.Linux.Tests.Processes;

namespace Bindwise.Linux.Tests.Bpf;

/// <summary>A file stands for the iterator of a kernel whose pages are larger than 4 KiB: a read ends where the reader's buffer does, within a record.</summary>
public sealed class KernelIteratorTests
{
    private const int Count = 3_000;

    // 24 bytes, as TaskFile; 32 KiB is no multiple of it.
    private readonly record struct Row(ulong First, ulong Second, ulong Third);

    private static Row[] Rows => [.. Enumerable.Range(0, Count).Select(static at => new Row((ulong)at, (ulong)at << 32, ~(ulong)at))];

    [LinuxFact]
    public void Read_RecordsThatAReadCutsInTwo_AreAllThere() => Assert.Equal(Rows, Read(MemoryMarshal.AsBytes(Rows.AsSpan()), matchLimit: int.MaxValue));

    [LinuxFact]
    public void Read_ThatEndsWithinARecord_GivesNothing() => Assert.Null(Read(MemoryMarshal.AsBytes(Rows.AsSpan())[..^1], matchLimit: int.MaxValue));

    [LinuxFact]
    public void Read_OfMoreThanTheLimit_GivesNothing() => Assert.Null(Read(MemoryMarshal.AsBytes(Rows.AsSpan()), matchLimit: 1_000));

    private static List<Row>? Read(ReadOnlySpan<byte> content, int matchLimit)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, content);
            Assert.Equal(Errno.None, OpenAt.Open(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(path + "\0"), out var number));
            using var file = new SafeFileDescriptor(number);
            return KernelIterator.Read<Row>(file, static _ => true, matchLimit);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
