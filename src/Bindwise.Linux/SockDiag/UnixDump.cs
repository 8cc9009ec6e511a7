using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Text;
using Bindwise.Model.Addresses;

namespace Bindwise.Linux.SockDiag;

/// <summary>
/// Takes the UNIX sockets of one name into the caller's list. A path matches byte for byte as the server typed it, or
/// by the file that stands there, for servers that bound a relative path.
/// </summary>
/// <param name="name">sun_path: a path without its closing NUL, or an abstract name from its leading NUL on.</param>
/// <param name="file">The file at the path; default to match by name alone.</param>
/// <param name="isAnyDevice">The file's inode alone counts, whatever the device.</param>
internal struct UnixDump(byte[] name, UnixFileId file, List<HeldSocket> sockets, bool isAnyDevice = false) : IMessageVisitor
{
    /// <summary>sizeof(sun_path): programs that pass sizeof(sockaddr_un) make names that are padded to it with NULs.</summary>
    private const int FullNameBytes = 108;

    private readonly int _before = sockets.Count;

    /// <summary>More sockets than this with one name are not taken: accepted connections bear their listener's.</summary>
    internal const int MaximumSockets = 4096;

    /// <summary>Sockets beyond <see cref="MaximumSockets"/> were left out.</summary>
    internal bool IsCut { get; private set; }

    public void Visit(in NetlinkMessage message)
    {
        if (!TryParse(message.Payload, out var entry))
            return;
        // Asked with its padding, a name is that one alone, and is told so.
        if (entry.FullName.SequenceEqual(name))
            entry.Name = entry.FullName;
        if (!IsMatch(entry))
            return;
        if (sockets.Count - _before >= MaximumSockets)
            IsCut = true;
        else
            sockets.Add(entry.ToHeldSocket(file));
    }

    public readonly void Restart() => sockets.RemoveRange(_before, sockets.Count - _before);

    private readonly bool IsMatch(in UnixEntry entry) =>
        entry.Name.SequenceEqual(name)
        || (file != default && entry.File.Inode == file.Inode && (isAnyDevice || entry.File.Device == file.Device) && !entry.Name.IsEmpty);

    /// <summary>Reads one message's payload. False for anything that is no whole UNIX socket.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> payload, out UnixEntry entry)
    {
        entry = default;
        if (!MemoryMarshal.TryRead<UnixDiagReply>(payload, out var reply) || reply.Family != SocketCall.FamilyUnix)
            return false;
        entry = new UnixEntry { Reply = reply };
        var attributes = new NetlinkAttributeReader(payload[UnixDiagReply.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == UnixDiagReply.AttributeName)
            {
                entry.FullName = value;
                entry.Name = TrimName(value);
            }
            else if (type == UnixDiagReply.AttributeFile && value.Length >= 8)
                entry.File = new UnixFileId(MemoryMarshal.Read<uint>(value), MemoryMarshal.Read<uint>(value[4..]));
            else if (type == UnixDiagReply.AttributeQueues && value.Length >= 8)
                (entry.ReceiveQueue, entry.SendQueue) = (MemoryMarshal.Read<uint>(value), MemoryMarshal.Read<uint>(value[4..]));
            else if (type == UnixDiagReply.AttributeUser && value.Length >= 4)
                entry.UserId = MemoryMarshal.Read<uint>(value);
        }
        return true;
    }

    private static ReadOnlySpan<byte> TrimName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return name;
        if (name[0] != 0)
            return name[^1] == 0 ? name[..^1] : name;
        return name.Length == FullNameBytes ? name[..Math.Max(1, name.LastIndexOfAnyExcept((byte)0) + 1)] : name;
    }
}

internal ref struct UnixEntry
{
    internal UnixDiagReply Reply;

    /// <summary>Without the padding of a program that passes sizeof(sockaddr_un).</summary>
    internal ReadOnlySpan<byte> Name;
    internal ReadOnlySpan<byte> FullName;
    internal UnixFileId File;
    internal uint ReceiveQueue;
    internal uint SendQueue;
    internal uint? UserId;

    /// <param name="asked">The file that is asked about. Inodes of two devices do not compare; some file systems (btrfs, overlayfs) tell
    /// stat(2) another device.</param>
    internal readonly HeldSocket ToHeldSocket(UnixFileId asked) => new()
    {
        Protocol = Protocol.Unix,
        State = (TcpSocketState)Reply.State,
        Path = Name.IsEmpty ? null : Name[0] == 0 ? AbstractName.Spell(Name[1..]) : KernelText.Decode(Name),
        SocketType = Reply.Type,
        FileInode = asked == default || File.Device == asked.Device || File.Inode == asked.Inode ? File.Inode : 0,
        UserId = UserId,
        Inode = Reply.Inode,
        Cookie = ((ulong)Reply.CookieHigh << 32) | Reply.CookieLow,
        ReceiveQueue = ReceiveQueue,
        SendQueue = SendQueue,
    };
}
