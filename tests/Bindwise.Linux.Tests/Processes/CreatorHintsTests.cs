using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>The names after the numbers that sock_diag tells of a socket's maker.</summary>
public sealed class CreatorHintsTests
{
    private static HeldSocket Socket(ulong inode, uint? user, ulong cgroup) =>
        new() { Protocol = Protocol.Tcp, State = TcpSocketState.Listen, Inode = inode, UserId = user, CgroupId = cgroup };

    [LinuxFact]
    public void Of_SocketOfAKnownUserInTheRootCgroup_HintsAtTheUserOnly()
    {
        var hint = Assert.Single(new CreatorHints(static id => id == 33 ? "www-data" : null).Of([Socket(7, 33, 1)]));
        Assert.Equal(("www-data", null, null, null), (hint.UserName, hint.Cgroup, hint.Unit, hint.Container));
        Assert.Equal(7ul, hint.Inode);
    }

    [LinuxFact]
    public void Of_SocketsWithoutAFile_AreLeftOut() =>
        Assert.Equal([8UL], new CreatorHints(static _ => "x").Of([Socket(0, 33, 5), Socket(8, 33, 5) with { Protocol = Protocol.Unix }]).Select(static one => one.Inode));

    [LinuxFact]
    public void Of_CgroupThatIsGone_IsNotNamed() =>
        Assert.Null(Assert.Single(new CreatorHints(static _ => null).Of([Socket(7, null, ulong.MaxValue)])).Cgroup);

    [LinuxFact]
    public void Of_CgroupBelowSeveralOthers_IsNamedWithItsUnit()
    {
        // Directories of any file system do: what counts is the inode, and the mount that mountinfo tells of.
        var folder = Directory.CreateTempSubdirectory("bindwise-hints-");
        try
        {
            var group = Directory.CreateDirectory(Path.Combine(folder.FullName, "fs/system.slice/nginx.service/worker"));
            Directory.CreateDirectory(Path.Combine(folder.FullName, "proc/self"));
            File.WriteAllText(
                Path.Combine(folder.FullName, "proc/self/mountinfo"),
                $"30 23 0:26 / {folder.FullName}/fs rw,nosuid shared:9 - cgroup2 cgroup2 rw\n");
            var inode = InodeOf(group.FullName);
            var hint = Assert.Single(new CreatorHints(static _ => null, Path.Combine(folder.FullName, "proc")).Of([Socket(7, 0, inode)]));
            Assert.Equal(("/system.slice/nginx.service/worker", "nginx.service"), (hint.Cgroup, hint.Unit));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ulong InodeOf(string path)
    {
        Assert.Equal(Bindwise.Linux.Native.Errno.None, Bindwise.Linux.Native.FileStatusCall.Stat(System.Text.Encoding.UTF8.GetBytes(path + '\0'), out var status));
        return status.Inode;
    }
}
