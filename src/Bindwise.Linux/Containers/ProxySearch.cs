using System.Diagnostics;
using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Linux.Containers;

/// <summary>
/// Docker's proxies for callers who may not see root's descriptors: each says on its command line, which everybody may read, which address
/// it publishes. Only root's processes of this network namespace count, for sockets of root at that very address: there is room for one.
/// </summary>
/// <param name="read">Reads a process; null when it is gone.</param>
internal sealed class ProxySearch(Func<int, ProcessRecord?> read)
{
    private const int CheckClockEvery = 64;
    private const int CommBytes = 16;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMilliseconds(60);

    /// <summary>Finds the proxies that have sockets of which no holder is seen.</summary>
    internal List<(Holder Holder, ProcessRecord Process)> Find(IEnumerable<HeldSocket> sockets)
    {
        var found = new List<(Holder Holder, ProcessRecord Process)>();
        var asked = sockets.Where(static s => s is { UserId: 0, Inode: not 0 } && IsServing(s)).ToList();
        using var directory = asked.Count == 0 || !HasEngine() ? null : OpenAt.TryOpen("/proc\0"u8);
        if (directory is null)
            return found;
        foreach (var proxy in Proxies(directory.Number))
            found.AddRange(asked.Where(s => Announces(proxy, s))
                .Select(s => (new Holder(s.Inode, proxy.Id, Descriptor: -1, Way: HoldingWay.Announced), proxy)));
        // Two that claim one socket: neither is believed.
        return [.. found.GroupBy(static f => f.Holder.Inode).Where(static g => g.Count() == 1).SelectMany(static g => g)];
    }

    /// <summary>The proxy says that it publishes the socket's address.</summary>
    internal static bool Announces(ProcessRecord proxy, HeldSocket socket) =>
        ContainerProxies.OptionOf(proxy, "-proto") == (socket.Protocol == Protocol.Udp ? "udp" : "tcp")
        && ContainerProxies.OptionOf(proxy, "-host-port") == socket.Local.Port.ToString(CultureInfo.InvariantCulture)
        && IpAddress.TryParse(ContainerProxies.OptionOf(proxy, "-host-ip"), out var address) && address == socket.Local.Address;

    private static bool IsServing(HeldSocket socket) => socket.Protocol switch
    {
        Protocol.Tcp => socket.State == TcpSocketState.Listen,
        Protocol.Udp => socket.Remote.Port == 0,
        _ => false,
    };

    private static bool HasEngine() => StatX.Follow(OpenAt.WorkingDirectory, "/run/docker.sock\0"u8, out _) == Errno.None
        || StatX.Follow(OpenAt.WorkingDirectory, "/var/run/docker.sock\0"u8, out _) == Errno.None;

    private List<ProcessRecord> Proxies(int directory)
    {
        var pids = new List<int>();
        _ = ProcFile.ListNumbers(directory, ".\0"u8, ProcFile.ProcessLimit, pids);
        var proxies = new List<ProcessRecord>();
        var started = Stopwatch.GetTimestamp();
        Span<byte> name = stackalloc byte[CommBytes];
        for (var i = 0; i < pids.Count; i++)
        {
            if (i % CheckClockEvery == CheckClockEvery - 1 && Stopwatch.GetElapsedTime(started) > TimeLimit)
                break;
            var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{pids[i]}/comm\0"));
            if (SmallFile.Read(directory, path, name, out var length) == Errno.None && name[..length].SequenceEqual("docker-proxy\n"u8)
                && read(pids[i]) is { UserId: 0, Container: null } process && IsOfThisNetwork(process.Id))
                proxies.Add(process);
        }
        return proxies;
    }

    // The files of each network namespace have inodes of their own (proc_net_ns_init(), fs/proc/proc_net.c); its link may not be read here.
    private static bool IsOfThisNetwork(int pid) =>
        StatX.Follow(OpenAt.WorkingDirectory,
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/unix\0")), out var its) == Errno.None
        && StatX.Follow(OpenAt.WorkingDirectory, "/proc/thread-self/net/unix\0"u8, out var own) == Errno.None
        && its.Inode == own.Inode;
}
