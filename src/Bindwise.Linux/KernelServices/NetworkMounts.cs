using System.Buffers.Binary;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.KernelServices;

/// <summary>
/// Mounted network file systems (/proc/self/mountinfo): the kernel opens their connections, from a source port of its choice (NFS from a
/// reserved one below 1024), so they are told by the other end.
/// </summary>
internal static class NetworkMounts
{
    private const ushort NfsPort = 2049;
    private const ushort SmbPort = 445;
    private const ushort PlanNinePort = 564;

    private static readonly (string Type, KernelServiceKind Kind, ushort Port)[] Types =
    [
        ("nfs", KernelServiceKind.NfsMount, NfsPort), ("nfs4", KernelServiceKind.NfsMount, NfsPort),
        ("cifs", KernelServiceKind.SmbMount, SmbPort), ("smb3", KernelServiceKind.SmbMount, SmbPort),
        ("ceph", KernelServiceKind.CephMount, 0), ("9p", KernelServiceKind.PlanNineMount, PlanNinePort),
    ];

    internal static void Read(ServiceFiles files, Protocol protocol, List<KernelService> services)
    {
        var mounts = files.Mounts();
        foreach (var (type, kind, port) in Types)
        {
            foreach (var mount in mounts.Where(mount => mount.FileSystem == type))
                Add(mount, kind, port, protocol, services);
        }
    }

    private static void Add(MountInfo mount, KernelServiceKind kind, ushort usual, Protocol protocol, List<KernelService> services)
    {
        var name = KernelText.Decode(mount.Point);
        if (kind == KernelServiceKind.CephMount)
        {
            services.AddRange(Monitors(mount).Select(monitor => Service(kind, name, protocol, monitor)));
            return;
        }
        // NFS tells its protocol (proto=tcp, tcp6, udp); 9P its transport (trans=tcp); SMB has only TCP.
        var transport = mount.Option("proto") ?? mount.Option("trans") ?? "tcp";
        if (!transport.StartsWith(protocol == Protocol.Tcp ? "tcp" : "udp", StringComparison.Ordinal))
            return;
        var port = ushort.TryParse(mount.Option("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var named) && named != 0
            ? named : usual;
        var addressText = mount.Option("addr") ?? (kind == KernelServiceKind.PlanNineMount ? mount.Source : null);
        if (addressText is not null && IpAddress.TryParse(addressText, out var address))
            services.Add(Service(kind, name, protocol, new IpEndpoint(address, port)));
    }

    /// <summary>
    /// The monitors of Ceph: <c>10.0.0.1:6789,10.0.0.2:6789:/path</c>, or the option mon_addr with <c>/</c> between them.
    /// </summary>
    private static IEnumerable<IpEndpoint> Monitors(MountInfo mount)
    {
        var source = mount.Source;
        var path = source.IndexOf(":/", StringComparison.Ordinal);
        var list = mount.Option("mon_addr")?.Replace('/', ',') ?? (path < 0 ? "" : source[..path]);
        foreach (var monitor in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ServiceAddress.TryParse(monitor, out var endpoint))
                yield return endpoint;
        }
    }

    private static KernelService Service(KernelServiceKind kind, string name, Protocol protocol, IpEndpoint remote) =>
        new(kind, protocol, name, Remote: remote, Source: ServiceFiles.MountsPath);
}

/// <summary>
/// The NFS server (nfsd(7)), the lock manager and the client's callback service. A port that the kernel chose itself, as the lock manager's
/// is unless it was set, stands in no file.
/// </summary>
internal static class NfsServices
{
    private const string PortList = "/proc/fs/nfsd/portlist";

    internal static void Read(ServiceFiles files, Protocol protocol, List<KernelService> services)
    {
        var isTcp = protocol == Protocol.Tcp;
        AddPortList(Encoding.UTF8.GetString(files.Read(PortList)), protocol, services);
        // Set and in use are two things: without the service's thread nothing listens there, and then no socket asks for it.
        Add(services, KernelServiceKind.NfsLocks, protocol, files, isTcp ? "/proc/sys/fs/nfs/nlm_tcpport" : "/proc/sys/fs/nfs/nlm_udpport");
        if (isTcp)
            Add(services, KernelServiceKind.NfsCallback, protocol, files, "/proc/sys/fs/nfs/nfs_callback_tcpport");
    }

    /// <summary>
    /// Lines such as <c>tcp 2049</c> (svc_one_xprt_name) or, before Linux 3.0, <c>ipv4 tcp 0.0.0.0 2049</c> (svc_one_sock_name), both of
    /// net/sunrpc: the transport is a word, the port the last one.
    /// </summary>
    internal static void AddPortList(string text, Protocol protocol, List<KernelService> services)
    {
        var transport = protocol == Protocol.Tcp ? "tcp" : "udp";
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is < 2 or > 4 || !words.Contains(transport, StringComparer.Ordinal)
                || !ushort.TryParse(words[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                continue;
            services.Add(new KernelService(KernelServiceKind.NfsServer, protocol, Port: port, Source: PortList));
        }
    }

    private static void Add(List<KernelService> services, KernelServiceKind kind, Protocol protocol, ServiceFiles files, string path)
    {
        if (files.Port(path) is { } port)
            services.Add(new KernelService(kind, protocol, Port: port, Source: path));
    }
}

/// <summary>
/// The ports that the kernel's RPC services told rpcbind (RFC 1833, RPCBPROC_DUMP of version 3), asked over its UNIX socket: the one place
/// where the port of the NFS lock manager stands when the kernel chose it. Asked only where the kernel's RPC is in use, since a connection
/// may start rpcbind (socket activation); it runs wherever that is.
/// </summary>
internal static class RpcBindings
{
    private const string Socket = "/run/rpcbind.sock";
    private const string InUse = "/proc/net/rpc";
    private const int TimeoutSeconds = 1;

    /// <summary>Some hundred services; a longer answer is cut.</summary>
    private const int LimitBytes = 64 * 1024;
    private const int FragmentLimit = 4096;
    private const uint LastFragment = 0x80000000;
    private const uint RpcBind = 100000;
    private const uint NfsProgram = 100003;
    private const uint NfsAclProgram = 100227;
    private const uint LockProgram = 100021;

    internal static void Read(ServiceFiles files, Protocol protocol, List<KernelService> services, List<string> unread)
    {
        if (!files.Exists(InUse) || !files.Exists(Socket))
            return;
        var errno = Ask(Encoding.UTF8.GetBytes(Socket), out var answer);
        if (errno == Errno.None)
            Parse(answer, protocol, services);
        else
            unread.Add($"rpcbind ({errno})");
    }

    /// <summary>Reads an answer from after its record marks; anything else than a whole list of bindings ends the reading.</summary>
    internal static void Parse(ReadOnlySpan<byte> reply, Protocol protocol, List<KernelService> services)
    {
        // Transaction, REPLY, MSG_ACCEPTED, a verifier of no length, SUCCESS.
        const int HeaderBytes = 24;
        if (reply.Length < HeaderBytes || Word(reply, 4) != 1 || Word(reply, 8) != 0 || Word(reply, 16) != 0 || Word(reply, 20) != 0)
            return;
        var rest = reply[HeaderBytes..];
        while (TryWord(ref rest, out var more) && more == 1 && TryWord(ref rest, out var program) && TryWord(ref rest, out _)
            && TryText(ref rest, out var network) && TryText(ref rest, out var address) && TryText(ref rest, out _))
        {
            KernelServiceKind? kind = program switch
            {
                LockProgram => KernelServiceKind.NfsLocks,
                NfsProgram or NfsAclProgram => KernelServiceKind.NfsServer,
                _ => null,
            };
            if (kind is { } known && network.StartsWith(protocol == Protocol.Tcp ? "tcp" : "udp", StringComparison.Ordinal)
                && PortOf(address) is { } port)
                services.Add(new KernelService(known, protocol, Port: port, Source: "rpcbind (rpcinfo -p)"));
        }
    }

    /// <summary>A universal address ends with the port's two bytes: <c>0.0.0.0.163.143</c>, <c>::.163.143</c>.</summary>
    private static ushort? PortOf(string address)
    {
        var parts = address.Split('.');
        return parts.Length >= 3 && byte.TryParse(parts[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var high)
            && byte.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var low) && (high | low) != 0
            ? (ushort)((high << 8) | low) : null;
    }

    private static Errno Ask(ReadOnlySpan<byte> path, out byte[] answer)
    {
        answer = [];
        var errno = SocketCall.Open(SocketCall.FamilyUnix, SocketCall.TypeStream, 0, out var socket);
        using (socket)
        {
            foreach (var option in new[] { SocketOptionCall.ReceiveTimeout, SocketOptionCall.SendTimeout })
            {
                if (errno == Errno.None)
                    errno = SocketOptionCall.SetTimeout(socket, option, new TimeValue { Seconds = TimeoutSeconds });
            }
            if (errno == Errno.None)
                errno = ConnectCall.Connect(socket, [SocketCall.FamilyUnix, 0, .. path, 0]);
            if (errno == Errno.None)
                errno = SendCall.Send(socket, Request(), []);
            return errno == Errno.None ? Receive(socket, out answer) : errno;
        }
    }

    /// <summary>Gathers the fragments of one record (RFC 5531, section 11).</summary>
    private static Errno Receive(SafeFileDescriptor socket, out byte[] answer)
    {
        var gathered = new List<byte>();
        answer = [];
        Span<byte> mark = stackalloc byte[sizeof(uint)];
        // An empty fragment brings nothing nearer.
        for (var fragments = 0; fragments < FragmentLimit; fragments++)
        {
            var errno = Fill(socket, mark);
            if (errno != Errno.None)
                return errno;
            var header = BinaryPrimitives.ReadUInt32BigEndian(mark);
            var length = (int)(header & ~LastFragment);
            if (length > LimitBytes - gathered.Count)
                return Errno.ENOBUFS;
            var fragment = new byte[length];
            errno = Fill(socket, fragment);
            if (errno != Errno.None)
                return errno;
            gathered.AddRange(fragment);
            if ((header & LastFragment) == 0)
                continue;
            answer = [.. gathered];
            return Errno.None;
        }
        return Errno.ENOBUFS;
    }

    private static Errno Fill(SafeFileDescriptor socket, Span<byte> room)
    {
        while (!room.IsEmpty)
        {
            var errno = ReceiveCall.Receive(socket, room, waits: true, out var length);
            if (errno != Errno.None || length == 0)
                return errno == Errno.None ? Errno.EIO : errno;
            room = room[length..];
        }
        return Errno.None;
    }

    /// <summary>The call: transaction, CALL, RPC version 2, program, version 3, RPCBPROC_DUMP, no credentials, no verifier.</summary>
    private static byte[] Request()
    {
        uint[] words = [LastFragment | 40, 0x62774257, 0, 2, RpcBind, 3, 4, 0, 0, 0, 0];
        var bytes = new byte[words.Length * sizeof(uint)];
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(i * sizeof(uint)), words[i]);
        return bytes;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    private static bool TryWord(ref ReadOnlySpan<byte> rest, out uint word)
    {
        word = 0;
        if (rest.Length < sizeof(uint))
            return false;
        word = BinaryPrimitives.ReadUInt32BigEndian(rest);
        rest = rest[sizeof(uint)..];
        return true;
    }

    /// <summary>A string of XDR: its length, its bytes, filled up to whole fours.</summary>
    private static bool TryText(ref ReadOnlySpan<byte> rest, out string text)
    {
        text = "";
        if (!TryWord(ref rest, out var length) || length > (uint)rest.Length)
            return false;
        text = Encoding.ASCII.GetString(rest[..(int)length]);
        rest = rest[Math.Min(rest.Length, ((int)length + 3) & ~3)..];
        return true;
    }
}
