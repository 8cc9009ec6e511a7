using System.Buffers.Binary;
using System.Text;
using Bindwise.Supervising.Auditing;

namespace Bindwise.Supervising.Tests.Auditing;

public class ElfSymbolsTests
{
    // One segment (file 0 to 4096, loaded at 0x400000), and three sections: none, symbols, their names.
    private static readonly byte[] File = Build();

    [Theory]
    [InlineData(0x100, "outer")]
    [InlineData(0x17f, "outer")]
    [InlineData(0x120, "inner")]
    [InlineData(0x0ff, null)]
    [InlineData(0x180, null)]
    [InlineData(0x1f0, null)]
    [InlineData(1_000_000, null)]
    public void Find_TheInnermostFunctionOfAPlace(ulong offset, string? name) => Assert.Equal(name, Find(File, offset));

    [Fact]
    public void Find_InAFileOfAnyBytes_ThrowsNothing()
    {
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = File.ToArray();
            for (var change = 0; change < 1 + (round % 8); change++)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _ = Find(bytes[..random.Next(bytes.Length + 1)], (ulong)random.Next(0x200));
        }
    }

    private static string? Find(byte[] file, ulong offset) => ElfSymbols.Find((at, length) => at >= (ulong)file.Length || length <= 0 ? [] : file[(int)at..(int)Math.Min(file.Length, (long)at + length)], offset);

    private static byte[] Build()
    {
        var file = new byte[512];
        "\u007fELF\u0002\u0001"u8.CopyTo(file);
        Put(file, 32, 64);
        Put(file, 40, 128);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), 3);
        file[64] = 1;
        Put(file, 64 + 16, 0x400000);
        Put(file, 64 + 32, 4096);
        file[192 + 4] = 2;
        Put(file, 192 + 24, 320);
        Put(file, 192 + 32, 72);
        file[192 + 40] = 2;
        Put(file, 256 + 24, 400);
        Put(file, 256 + 32, 32);
        Symbol(file, 320, name: 1, kind: 2, 0x400100, 0x80);
        Symbol(file, 344, name: 7, kind: 2, 0x400120, 0x10);
        Symbol(file, 368, name: 13, kind: 1, 0x4001f0, 0x10);
        Encoding.ASCII.GetBytes("\0outer\0inner\0datum\0").CopyTo(file, 400);
        return file;
    }

    private static void Symbol(byte[] file, int at, byte name, byte kind, ulong address, ulong size)
    {
        (file[at], file[at + 4]) = (name, kind);
        Put(file, at + 8, address);
        Put(file, at + 16, size);
    }

    private static void Put(byte[] file, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(at), value);
}
