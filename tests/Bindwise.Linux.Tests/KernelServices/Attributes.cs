using System.Buffers.Binary;
using System.Text;

namespace Bindwise.Linux.Tests.KernelServices;

/// <summary>Netlink attributes by hand, as the kernel lays them out: for what this machine's kernel does not have.</summary>
internal static class Attributes
{
    public static byte[] Of(ushort type, params byte[] value)
    {
        var bytes = new byte[(4 + value.Length + 3) & ~3];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), type);
        value.CopyTo(bytes, 4);
        return bytes;
    }

    public static byte[] Words(ushort type, string text) => Of(type, [.. Encoding.ASCII.GetBytes(text), 0]);

    public static byte[] Host16(ushort type, ushort value) => Of(type, (byte)(value & 0xff), (byte)(value >> 8));

    public static byte[] Network16(ushort type, ushort value) => Of(type, (byte)(value >> 8), (byte)(value & 0xff));

    public static byte[] Host32(ushort type, uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Of(type, bytes);
    }

    public static byte[] Nest(ushort type, params byte[][] inner) => Of(type, [.. inner.SelectMany(static bytes => bytes)]);

    /// <summary>struct genlmsghdr, then the attributes.</summary>
    public static byte[] Generic(params byte[][] attributes) => [0, 1, 0, 0, .. attributes.SelectMany(static bytes => bytes)];

    /// <summary>struct ifinfomsg of an interface that is up, or down, then the attributes.</summary>
    public static byte[] Link(bool isUp, params byte[][] attributes) =>
        [0, 0, 1, 0, 2, 0, 0, 0, (byte)(isUp ? 1 : 0), 0, 0, 0, 0, 0, 0, 0, .. attributes.SelectMany(static bytes => bytes)];
}
