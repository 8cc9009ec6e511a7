using System.Buffers.Binary;
using System.Text;

namespace Bindwise.Parsers.Tests;

/// <summary>
/// Changes a real input a little, as attackers and faults do: lengths and counts take the values at which they overflow, numbers in text grow
/// out of their type, fields and lines go missing, come twice or change places, and parts of two inputs are joined.
/// </summary>
/// <param name="random">The source of chance: the same seed makes the same inputs.</param>
internal sealed class Mutator(Random random)
{
    /// <summary>No input is longer.</summary>
    public const int MaximumBytes = 64 * 1024;

    private static readonly uint[] Edges = [0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffc, 0xffffffff];

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "255", "256", "65535", "65536", "99999", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "00000000000000000000001", "1e309", "0x7fffffffffffffff", "99999999999999999999999999999999999999999", "٣", "1.5", "+1", "",
    ];

    private static readonly string[] Pieces =
    [
        "\0", "\n", "\r\n", "\t", " ", ":", "::", "/", "=", "\"", "\\", "\\u0000", "\\ud800", "[", "]", "{", "}", "(", ")", "%", "\u202e", "\ufeff", "é", "😀", "\u001b[31m", "..", "../", "--",
        "[[[[[[[[[[[[[[[[", "{\"a\":", "null", "true", "]]>", "#", "$(id)", "\u0085", "ſ",
    ];

    private static readonly byte[] Separators = [.. " \n\t:,;/=\0\"()[]{}"u8];

    /// <summary>A mutant of one of the seeds.</summary>
    public byte[] Next(byte[][] seeds)
    {
        var bytes = new List<byte>(seeds[random.Next(seeds.Length)]);
        for (var changes = 1 + random.Next(4); changes > 0; changes--)
            Change(bytes, seeds);
        if (bytes.Count > MaximumBytes)
            bytes.RemoveRange(MaximumBytes, bytes.Count - MaximumBytes);
        return [.. bytes];
    }

    private void Change(List<byte> bytes, byte[][] seeds)
    {
        switch (random.Next(12))
        {
            case 0 when bytes.Count > 0:
                bytes[random.Next(bytes.Count)] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[random.Next(bytes.Count)] = (byte)random.Next(256);
                break;
            case 2 or 3:
                SetEdge(bytes);
                break;
            case 4:
                var end = random.Next(bytes.Count + 1);
                bytes.RemoveRange(end, bytes.Count - end);
                break;
            case 5 or 6:
                ReplaceNumber(bytes);
                break;
            case 7:
                Insert(bytes, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                break;
            case 8:
                DropField(bytes);
                break;
            case 9:
                Repeat(bytes);
                break;
            case 10:
                var other = seeds[random.Next(seeds.Length)];
                var at = random.Next(other.Length + 1);
                Insert(bytes, other[at..]);
                break;
            default:
                SwapLines(bytes);
                break;
        }
    }

    // Lengths in binary messages lie on their own size, in either order of bytes.
    private void SetEdge(List<byte> bytes)
    {
        Span<byte> value = stackalloc byte[8];
        var size = 1 << random.Next(4);
        var edge = random.Next(8) == 0 ? ulong.MaxValue >> random.Next(2) : Edges[random.Next(Edges.Length)];
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteUInt64LittleEndian(value, edge);
        else
            BinaryPrimitives.WriteUInt64BigEndian(value, edge << (64 - (8 * size)));
        var at = random.Next((bytes.Count / size) + 1) * size;
        for (var i = 0; i < size && at + i < bytes.Count; i++)
            bytes[at + i] = value[i];
    }

    private void ReplaceNumber(List<byte> bytes)
    {
        var from = bytes.Count == 0 ? -1 : bytes.FindIndex(random.Next(bytes.Count), static b => b is >= (byte)'0' and <= (byte)'9');
        if (from < 0)
            return;
        var end = from;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9')
            end++;
        bytes.RemoveRange(from, end - from);
        bytes.InsertRange(from, Encoding.UTF8.GetBytes(Numbers[random.Next(Numbers.Length)]));
    }

    private void Insert(List<byte> bytes, byte[] piece) => bytes.InsertRange(random.Next(bytes.Count + 1), piece);

    private void DropField(List<byte> bytes)
    {
        var (from, end) = Field(bytes);
        bytes.RemoveRange(from, end - from);
    }

    private void Repeat(List<byte> bytes)
    {
        var (from, end) = Field(bytes);
        var field = bytes.GetRange(from, end - from);
        var times = field.Count == 0 ? 0 : Math.Min(1 << random.Next(13), (MaximumBytes - bytes.Count) / field.Count);
        var repeated = new List<byte>(Math.Max(0, times) * field.Count);
        for (; times > 0; times--)
            repeated.AddRange(field);
        bytes.InsertRange(from, repeated);
    }

    private (int From, int End) Field(List<byte> bytes)
    {
        if (bytes.Count == 0)
            return (0, 0);
        var from = random.Next(bytes.Count);
        var end = bytes.FindIndex(from, static b => Separators.Contains(b));
        return (from, Math.Min(bytes.Count, end < 0 ? from + 1 + random.Next(16) : end + 1));
    }

    private static void SwapLines(List<byte> bytes)
    {
        var first = bytes.IndexOf((byte)'\n');
        var second = first < 0 ? -1 : bytes.IndexOf((byte)'\n', first + 1);
        if (second < 0)
            return;
        var line = bytes.GetRange(0, first + 1);
        bytes.RemoveRange(0, first + 1);
        bytes.InsertRange(second - first, line);
    }
}
