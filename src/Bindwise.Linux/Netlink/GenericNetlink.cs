using System.Runtime.InteropServices;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Netlink;

/// <summary>
/// Questions to families of generic netlink, in the network namespace of the thread that opened it. Families are listed, never asked for
/// by name: that would load the module of one that is not there (ctrl_getfamily(), net/netlink/genetlink.c), and reading changes nothing.
/// </summary>
internal sealed class GenericNetlink(NetlinkSocket socket, Dictionary<string, ushort> families) : IDisposable
{
    private const int RequestBytes = 128;
    private const int MaximumFamilies = 1024;

    internal static Errno TryOpen(out GenericNetlink? generic)
    {
        generic = null;
        var errno = NetlinkSocket.TryOpen(NetlinkSocket.Generic, out var socket);
        if (socket is null)
            return errno;
        var list = new FamilyList([]);
        Span<byte> room = stackalloc byte[RequestBytes];
        var outcome = socket.Exchange("CTRL_CMD_GETFAMILY", Request(room, GenericMessage.ControlFamily, GenericMessage.GetFamily, 0, []),
            isDump: true, ref list);
        if (outcome.Status == DumpStatus.Failed)
        {
            socket.Dispose();
            return outcome.Errno;
        }
        generic = new GenericNetlink(socket, list.Families);
        return Errno.None;
    }

    internal bool Has(string family) => families.ContainsKey(family);

    /// <param name="family">The family's name; one that is not there is Failed with ENOENT.</param>
    /// <param name="attributes">Attributes of the request, as <see cref="Text"/> makes them.</param>
    /// <param name="visitor">Gets the messages; their payload begins with <see cref="GenericMessage"/>.</param>
    internal DumpOutcome Dump<TVisitor>(string family, byte command, ReadOnlySpan<byte> attributes, ref TVisitor visitor)
        where TVisitor : struct, IMessageVisitor
    {
        if (!families.TryGetValue(family, out var id))
            return new DumpOutcome(family, DumpStatus.Failed, Errno.ENOENT);
        Span<byte> room = stackalloc byte[RequestBytes];
        return socket.Exchange(family, Request(room, id, command, 1, attributes), isDump: true, ref visitor);
    }

    /// <summary>An attribute that is a text, as interface names are.</summary>
    internal static byte[] Text(ushort type, string value)
    {
        var text = Encoding.UTF8.GetBytes(value);
        var bytes = new byte[(NetlinkAttributeHeader.SizeBytes + text.Length + 1 + 3) & ~3];
        MemoryMarshal.Write(bytes,
            new NetlinkAttributeHeader { LengthBytes = (ushort)(NetlinkAttributeHeader.SizeBytes + text.Length + 1), Type = type });
        text.CopyTo(bytes.AsSpan(NetlinkAttributeHeader.SizeBytes));
        return bytes;
    }

    internal void Forget() => socket.Forget();

    public void Dispose() => socket.Dispose();

    private static Span<byte> Request(Span<byte> room, ushort type, byte command, byte version, ReadOnlySpan<byte> attributes)
    {
        const int Fixed = NetlinkHeader.SizeBytes + GenericMessage.SizeBytes;
        var bytes = room[..(Fixed + attributes.Length)];
        bytes.Clear();
        MemoryMarshal.AsRef<NetlinkHeader>(bytes).Type = type;
        MemoryMarshal.Write(bytes[NetlinkHeader.SizeBytes..], new GenericMessage { Command = command, Version = version });
        attributes.CopyTo(bytes[Fixed..]);
        return bytes;
    }

    private readonly struct FamilyList(Dictionary<string, ushort> families) : IMessageVisitor
    {
        internal Dictionary<string, ushort> Families { get; } = families;

        public void Visit(in NetlinkMessage message)
        {
            if (!message.TryGenericAttributes(out var attributes) || Families.Count >= MaximumFamilies)
                return;
            ushort id = 0;
            var name = "";
            while (attributes.TryNext(out var type, out var value))
            {
                if (type == GenericMessage.AttributeFamilyId && value.Length >= sizeof(ushort))
                    id = MemoryMarshal.Read<ushort>(value);
                else if (type == GenericMessage.AttributeFamilyName)
                    name = KernelText.Decode(value.TrimEnd((byte)0));
            }
            if (id != 0 && name.Length > 0)
                Families[name] = id;
        }

        public void Restart() => Families.Clear();
    }
}
