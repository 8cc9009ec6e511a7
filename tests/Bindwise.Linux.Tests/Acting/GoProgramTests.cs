using System.Buffers.Binary;
using Bindwise.Linux.Subjects;

namespace Bindwise.Linux.Tests.Acting;

public sealed class GoProgramTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    [Theory]
    [InlineData("Go\0\0", 4, true)]
    [InlineData("GNU\0", 3, false)]
    [InlineData("Go\0\0", 1, false)]
    public void IsGo_FileWithANote_IsToldByItsNameAndType(string name, uint type, bool expected) =>
        Assert.Equal(expected, IsGo(File(Note("GNU\0", 3), Note(name, type))));

    [Fact]
    public void IsGo_FileCutOffAnywhere_IsNoGoAndNoFault()
    {
        var whole = File(Note("Go\0\0", 4));
        for (var length = 0; length < 64 + 56 + 12; length++)
            Assert.False(IsGo(whole[..length]));
    }

    [Fact]
    public void IsGo_HostileSizes_IsNoFault()
    {
        var random = new Random(11);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = File(Note("Go\0\0", 4));
            for (var change = 0; change < 6; change++)
                bytes[random.Next(6, bytes.Length)] = (byte)random.Next(256);
            _ = IsGo(bytes);
        }
    }

    public void Dispose() => System.IO.File.Delete(_path);

    private bool IsGo(byte[] bytes)
    {
        System.IO.File.WriteAllBytes(_path, bytes);
        using var file = System.IO.File.OpenHandle(_path);
        return GoProgram.IsGo(file);
    }

    private static byte[] File(params byte[][] notes)
    {
        byte[] all = [.. notes.SelectMany(static note => note)];
        var bytes = new byte[64 + 56 + all.Length];
        "\u007fELF\u0002\u0001"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(64), 4);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(64 + 8), 64 + 56);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(64 + 32), all.Length);
        all.CopyTo(bytes, 64 + 56);
        return bytes;
    }

    private static byte[] Note(string name, uint type)
    {
        var bytes = new byte[12 + 4 + 8];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), 7);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), type);
        System.Text.Encoding.ASCII.GetBytes(name).CopyTo(bytes, 12);
        return bytes;
    }
}
