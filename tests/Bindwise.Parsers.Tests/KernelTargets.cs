using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Bindwise.Linux.FailedCalls;
using Bindwise.Linux.KernelServices;
using Bindwise.Linux.Live.Recording;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Linux.Policies;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.PendingUses;
using Bindwise.Linux.Processes.ScmRights;
using Bindwise.Linux.Processes.TaskFiles;
using Bindwise.Linux.Routing;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Parsers.Tests;

/// <summary>Binary forms: netlink messages, type information (BTF), executables (ELF), packets, answers of rpcbind, maps of BPF programs.</summary>
internal static class KernelTargets
{
    public static IEnumerable<ParserTarget> All =>
    [
        ParserTarget.OfBytes("sock_diag", static bytes =>
        {
            Visit(bytes, new SocketDump(Protocol.Tcp, 8080, []));
            Visit(bytes, new WholeDump(Protocol.Udp, []));
            var table = new TcpPortTable(8080);
            Visit(bytes, new TcpPortDump(table));
            table.AppendTo([]);
            table.Tallies();
            var info = default(TcpInfoAnswer);
            Visit(bytes, info);
            var used = new ulong[1024];
            var counter = new PortUsageCounter(used);
            for (var reader = new NetlinkReader(bytes); reader.TryNext(out var message);)
                counter.Visit(message);
            counter.CountPorts(0, 65535);
        }, Messages(20, InetDiag(2, 1), InetDiag(10, 10), InetDiag(2, 6)), Messages(20, InetDiag(2, 7))),
        ParserTarget.OfBytes("unix_diag", static bytes => Visit(bytes, new UnixDump([.. "/run/a.sock"u8], default, [])), Messages(20, UnixDiag("/run/a.sock"u8), UnixDiag("\0abstract"u8))),
        ParserTarget.OfBytes("rtnetlink", static bytes =>
        {
            var table = new InterfaceTable();
            Visit(bytes, new InterfaceDump(table, 16));
            table.Build();
            Visit(bytes, new TunnelLinkDump(new TunnelLinks()));
        }, Messages(16, Link("eth0"u8, "vxlan"u8), Link("wg0"u8, "wireguard"u8)), Messages(20, Address())),
        ParserTarget.OfBytes("generic netlink", static bytes =>
        {
            Visit(bytes, new FouReceivers([]));
            Visit(bytes, new L2tpTunnels([]));
            Visit(bytes, new TipcBearers([]));
            Visit(bytes, new WireGuardPorts());
        }, Messages(28, [1, 1, 0, 0, .. Attribute(1, [0x1f, 0x90]), .. Attribute(2, [2, 0, 0, 0]), .. Attribute(6, [0x90, 0x1f])])),
        ParserTarget.OfBytes("type information (BTF)", static bytes =>
        {
            TaskFileLayout.Read(bytes);
            TaskFactsLayout.Read(bytes);
            TaskNetworkLayout.Read(bytes);
            ScmRightsLayout.Read(bytes);
            SocketLayout.Read(bytes);
            StateTracepointLayout.Read(bytes);
            WaitQueueLayout.Read(bytes);
            FailedCallLayout.Read(bytes);
            FailedCallFunction.Read(bytes);
        }, Types()),
        ParserTarget.OfBytes("executable (ELF)", OfFile, Elf()),
        ParserTarget.OfBytes("captured packet", static bytes => CapturedSegment.Read(bytes, 1),
            [0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1, 0x1f, 0x90, 0xc0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x12, 0xff, 0xff, 0, 0, 0, 0],
            [0x60, 0, 0, 0, 0, 20, 6, 64, .. new byte[15], 1, .. new byte[15], 1, 0x1f, 0x90, 0xc0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0]),
        ParserTarget.OfBytes("answer of rpcbind", static bytes => RpcBindings.Parse(bytes, Protocol.Tcp, []), Rpc()),
        ParserTarget.OfBytes("socket-bind map", static bytes => SystemdBindRules.Match(bytes, new BindRequest { Protocol = Protocol.Tcp, Address = IpAddress.FromBytes([127, 0, 0, 1]), Port = 8080 }, out _),
            [2, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0x90, 0x1f, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]),
        ParserTarget.OfBytes("failed call", static bytes =>
        {
            Span<byte> whole = stackalloc byte[FailedCallRecord.SizeBytes];
            bytes.AsSpan(0, Math.Min(bytes.Length, whole.Length)).CopyTo(whole);
            var record = MemoryMarshal.Read<FailedCallRecord>(whole);
            foreach (var bits in ((int, int, int)[])[(0xf, 0x10, 0x20), (0, 0, 0)])
            {
                var call = FailedCall.Of(record, bits, DateTimeOffset.UnixEpoch.AddYears(50), long.MaxValue);
                GC.KeepAlive((call.ToString(), call.Address));
                Assert.InRange(call.Time, DateTimeOffset.UnixEpoch.AddYears(49), DateTimeOffset.UnixEpoch.AddYears(50));
                // A byte that is no UTF-8 is told as \xNN.
                Assert.InRange(call.Path?.Length ?? 0, 0, 4 * FailedCallAlike.AddressLimit);
            }
        }, Failed(0, [2, 0, 0x1f, 0x90, 127, 0, 0, 1], 16, 2, 1), Failed(2, [10, 0, 0, 80, .. new byte[19], 1, 3, 0, 0, 0], 28, 10, 2),
            Failed(0, [1, 0, .. "/run/a.sock\0"u8], 14, 1, 1), Failed(0, [1, 0, 0, .. "abstract"u8], 11, 1, 1), Failed(1, [], 5, 2, 1)),
        ParserTarget.OfText("walk over sockets", static text => SocketWalk.Parse(text, new()), "1 2 3 4 sock_def_readable\nffffffffffffffff 0 1f90 5 svc_tcp_listen_data_ready [sunrpc]\n"),
    ];

    private static byte[] Failed(ushort call, byte[] given, uint length, ushort family, ushort type)
    {
        var record = new FailedCallRecord { Time = 1, Process = 4711, User = 33, Family = family, Type = type, Protocol = (ushort)(type == 1 ? 6 : 17), LocalPort = 80, LocalIPv4 = 0x0100007f };
        record.Alike = new FailedCallAlike { FirstProcess = 4711, Network = 1, Call = call, Error = 98, Length = length };
        given.CopyTo((Span<byte>)record.Alike.Given);
        "python3"u8.CopyTo((Span<byte>)record.Program);
        return MemoryMarshal.AsBytes(new ReadOnlySpan<FailedCallRecord>(in record)).ToArray();
    }

    private static void Visit<T>(byte[] datagram, T visitor)
        where T : struct, IMessageVisitor
    {
        for (var reader = new NetlinkReader(datagram); reader.TryNext(out var message);)
            visitor.Visit(message);
        visitor.Restart();
    }

    private static void OfFile(byte[] bytes)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, bytes);
            using var file = File.OpenHandle(path);
            ExecutableMarks.ReadSections((int)file.DangerousGetHandle());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Messages(ushort type, params byte[][] payloads)
    {
        var all = new List<byte>();
        foreach (var payload in payloads)
        {
            var message = new byte[(16 + payload.Length + 3) & ~3];
            BinaryPrimitives.WriteInt32LittleEndian(message, 16 + payload.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
            payload.CopyTo(message, 16);
            all.AddRange(message);
        }
        return [.. all];
    }

    private static byte[] Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        var attribute = new byte[(4 + value.Length + 3) & ~3];
        BinaryPrimitives.WriteUInt16LittleEndian(attribute, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(2), type);
        value.CopyTo(attribute.AsSpan(4));
        return attribute;
    }

    // inet_diag_msg: family, state, timer, retransmissions, then ports and addresses in network order.
    private static byte[] InetDiag(byte family, byte state) =>
    [
        family, state, state == 6 ? (byte)3 : (byte)0, 0, 0x1f, 0x90, 0, 0, 127, 0, 0, 1, .. new byte[12], .. new byte[16], .. new byte[4], 7, 0, 0, 0, 8, 0, 0, 0,
        .. new byte[8], 0, 0, 0, 0, 0x67, 0x12, 0, 0, .. Attribute(8, [3]), .. Attribute(11, [1]), .. Attribute(21, [1, 2, 3, 4, 5, 6, 7, 8]), .. Attribute(22, [1, 2]), .. Attribute(2, new byte[240]),
    ];

    private static byte[] UnixDiag(ReadOnlySpan<byte> name) =>
        [1, 1, 10, 0, 0x67, 0x12, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, .. Attribute(0, name), .. Attribute(1, [1, 0, 0, 0, 8, 0, 0, 0]), .. Attribute(4, [0, 0, 0, 0, 128, 0, 0, 0]), .. Attribute(7, [0, 0, 0, 0])];

    private static byte[] Link(ReadOnlySpan<byte> name, ReadOnlySpan<byte> kind) =>
        [0, 0, 1, 0, 2, 0, 0, 0, 0x43, 0, 1, 0, 0, 0, 0, 0, .. Attribute(3, [.. name, 0]), .. Attribute(18, [.. Attribute(1, [.. kind, 0]), .. Attribute(2, [.. Attribute(15, [0x12, 0xb5])])])];

    private static byte[] Address() => [2, 8, 128, 0, 1, 0, 0, 0, .. Attribute(1, [127, 0, 0, 1]), .. Attribute(2, [127, 0, 0, 1]), .. Attribute(8, [128, 0, 0, 0])];

    /// <summary>A header, one structure with a member, one function (include/uapi/linux/btf.h).</summary>
    private static byte[] Types()
    {
        var names = "\0file\0f_inode\0inode\0i_ino\0task_struct\0thread_pid\0group_leader\0bpf_iter_task_file\0sock\0pid\0level\0numbers\0upid\0nr\0inet_bind\0"u8.ToArray();
        var types = new List<byte>();
        Add(types, 0, (1u << 24) | (4 << 24), 8); // an int, of which kind the high bits tell
        foreach (var (name, member) in new[] { ("file", "f_inode"), ("inode", "i_ino"), ("task_struct", "thread_pid"), ("pid", "level"), ("upid", "nr") })
        {
            Add(types, Offset(name), (4u << 24) | 1, 64);
            Add(types, Offset(member), 1, 32);
        }
        Add(types, Offset("bpf_iter_task_file"), 12u << 24, 1);
        Add(types, Offset("inet_bind"), 12u << 24, 9);
        Add(types, 0, (13u << 24) | 3, 1, 0, 1, 0, 1, 0, 1); // its prototype, of three parameters
        var header = new List<byte> { 0x9f, 0xeb, 1, 0 };
        Add(header, 24, 0, (uint)types.Count, (uint)types.Count, (uint)names.Length);
        return [.. header, .. types, .. names];

        uint Offset(string name) => (uint)names.AsSpan().IndexOf(Encoding.ASCII.GetBytes("\0" + name + "\0")) + 1;
    }

    private static void Add(List<byte> bytes, params uint[] words)
    {
        foreach (var word in words)
            bytes.AddRange(BitConverter.GetBytes(word));
    }

    /// <summary>A header, one program header with a note of Go's, two sections (elf(5)).</summary>
    private static byte[] Elf()
    {
        var file = new byte[512];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(32), 64);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(40), 256);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(56), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(58), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(60), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(62), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(64), 4);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(72), 128);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(96), 32);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(128), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(132), 8);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(136), 3);
        "Go\0\0"u8.CopyTo(file.AsSpan(140));
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(320 + 24), 400);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(320 + 32), 48);
        "\0.text\0.go.buildinfo\0"u8.CopyTo(file.AsSpan(400));
        return file;
    }

    private static byte[] Rpc()
    {
        var reply = new List<byte>();
        foreach (var word in new uint[] { 0x80000040, 1, 1, 0, 0, 0, 0, 1, 100003, 3 })
            reply.AddRange(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness(word)));
        foreach (var text in new[] { "tcp", "0.0.0.0.8.1", "superuser" })
        {
            reply.AddRange(BitConverter.GetBytes(BinaryPrimitives.ReverseEndianness((uint)text.Length)));
            reply.AddRange(Encoding.ASCII.GetBytes(text));
            while (reply.Count % 4 != 0)
                reply.Add(0);
        }
        return [.. reply, 0, 0, 0, 0];
    }
}
