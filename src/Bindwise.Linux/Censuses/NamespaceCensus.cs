using System.Text.RegularExpressions;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Model.Events;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Censuses;

/// <summary>Whose a network namespace is, as people know it: of these one, or none.</summary>
/// <param name="Container">A container's short id, or the name under /run/netns; empty where it is neither's.</param>
/// <param name="Pod">The uid of a Kubernetes pod, whose containers share one; empty where it is none's.</param>
internal readonly partial record struct NamespaceUser(string Container, string Pod)
{
    /// <summary>By a process's cgroup.</summary>
    /// <param name="paths">Its paths in each hierarchy, as far as they mean something (<see cref="CgroupNames"/>).</param>
    internal static NamespaceUser Of(IEnumerable<string> paths)
    {
        var container = "";
        foreach (var path in paths)
        {
            if (PodOf(path) is { } pod)
                return new NamespaceUser("", pod);
            if (container.Length == 0 && CgroupPath.Container(path) is { } id)
                container = ContainerRecord.ShortId(id);
        }
        return new NamespaceUser(container, "");
    }

    // kubepods-burstable-podUID.slice of systemd's driver, which writes underscores, or podUID of cgroupfs's, below kubepods.
    private static string? PodOf(string path) => PodElement().Match(path) is { Success: true } found
        ? found.Groups[1].Value.Replace('_', '-') : null;

    [GeneratedRegex(@"/kubepods[^/]*/(?:[^/]+/)*(?:kubepods[^/]*-)?"
        + @"pod([0-9a-f]{8}(?:[_-][0-9a-f]{4}){3}[_-][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice)?(?:/|$)")]
    private static partial Regex PodElement();
}

/// <param name="Network">Its inode.</param>
/// <param name="Census">Its sockets counted, without their holders.</param>
internal sealed record NamespaceReading(ulong Network, NamespaceUser User, HostCensus Census);

/// <summary>Looks at the other network namespaces of the host, one after the other: what presses on the ports there.</summary>
internal static class NamespaceCensus
{
    internal const int MostNamespaces = 128;

    private const int FileBytes = 16 * 1024;

    /// <summary>Looks at them; those that may not be entered are left out.</summary>
    /// <param name="most">So many of a namespace's destinations are told.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal static ImmutableArray<NamespaceReading> ReadCensus(int most, out int omitted, CancellationToken cancellation)
    {
        var readings = ImmutableArray.CreateBuilder<NamespaceReading>();
        var mounts = new CgroupMounts("/proc");
        var networks = BoundedRun.Run(static _ => NamespaceEnumeration.Take().Networks.ToList(), cancellation);
        foreach (var network in networks.Take(MostNamespaces))
        {
            if (BoundedRun.Run(token => ReadNamespace(network, mounts, most, token), cancellation) is { } reading)
                readings.Add(reading);
        }
        omitted = networks.Count - readings.Count;
        return readings.ToImmutable();
    }

    private static NamespaceReading? ReadNamespace(ForeignNetwork network, CgroupMounts mounts, int most, CancellationToken cancellation)
    {
        HostCensus? census = null;
        // Entering a namespace changes the thread.
        _ = IsolatedThread.TryRun("bindwise namespace", () => census = ReadCensus(network, most, cancellation));
        return census is null ? null : new NamespaceReading(network.Inode, UserOf(network, mounts), census);
    }

    private static HostCensus? ReadCensus(ForeignNetwork network, int most, CancellationToken cancellation)
    {
        if (!ForeignSockets.TryEnter(network))
            return null;
        try
        {
            using var reader = CensusReader.Open(most, withHolders: false);
            return reader.ReadCensus(cancellation);
        }
        catch (TableUnreadException)
        {
            // It counts as left out.
            return null;
        }
    }

    private static NamespaceUser UserOf(ForeignNetwork network, CgroupMounts mounts)
    {
        var room = new byte[FileBytes];
        var names = new CgroupNames(mounts);
        foreach (var pid in network.Processes.Take(8))
        {
            var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup\0"));
            if (SmallFile.Read(path, room, out var length) == Errno.None
                && NamespaceUser.Of(names.Paths(CgroupFile.Parse(room.AsSpan(0, length)))) is var user && user != new NamespaceUser("", ""))
                return user;
        }
        return new NamespaceUser(network.Name ?? "", "");
    }
}
