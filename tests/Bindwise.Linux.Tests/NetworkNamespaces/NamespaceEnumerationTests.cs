using Bindwise.Linux.Native;
using Bindwise.Linux.NetworkNamespaces;
using Bindwise.Linux.Tests.Processes;
using Bindwise.Linux.Tests.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.NetworkNamespaces;

/// <summary>The kernel's own walk over tasks and the links of /proc tell the same namespaces.</summary>
public sealed class NamespaceEnumerationTests
{
    private const int Always = 1;
    private const int Never = int.MaxValue;

    [TaskFileFact]
    public void Take_AProcessInANamespaceOfItsOwn_EitherWay()
    {
        // One that moved, its child, which is there too, and a thread that is somewhere else, which counts as its process does.
        using var python = PythonProcess.Start("""
            assert libc.unshare(0x40000000) == 0
            child = os.fork()
            if child == 0:
                end_with_parent()
                wait_for_end()
                os._exit(0)
            moved = threading.Event()
            def leave():
                assert libc.unshare(0x40000000) == 0
                moved.set()
                time.sleep(600)
            threading.Thread(target=leave, daemon=True).start()
            moved.wait()
            say(os.stat('/proc/self/ns/net').st_ino, os.getpid(), child)
            wait_for_end()
            os.waitpid(child, 0)
            """);
        foreach (var from in (int[])[Always, Never])
        {
            // Links are read for 60 ms, which a busy machine may take for the first of them.
            var taken = NamespaceEnumeration.Take(walkFrom: from, limit: TimeSpan.FromMinutes(3));
            Assert.True(taken.HasSeenProcesses);
            var network = Assert.Single(taken.Networks, one => one.Inode == python.Inode());
            Assert.Equal([python.Number(1), python.Number(2)], network.Processes.Order());
            Assert.DoesNotContain(taken.Networks, static one => one.Inode == OwnInode() || one.Processes.Contains(Environment.ProcessId));
        }
    }

    // Else a question would say that it "could not be read", whenever a container ends beside it.
    [TaskFileFact]
    public void HasEnded_OnceItsProcessesHave()
    {
        ForeignNetwork network;
        using (var python = PythonProcess.Start("assert libc.unshare(0x40000000) == 0\nsay(os.stat('/proc/self/ns/net').st_ino)\nwait_for_end()"))
        {
            network = Assert.Single(NamespaceEnumeration.Take(limit: TimeSpan.FromMinutes(3)).Networks, one => one.Inode == python.Inode());
            Assert.False(NamespaceEnumeration.HasEnded(network));
        }
        Assert.True(NamespaceEnumeration.HasEnded(network));
    }

    [TaskFileFact]
    public void Take_AFileWithoutANamespace_IsNone()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-netns-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "left"), "");
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "here"), "/proc/self/ns/net");
            Assert.DoesNotContain(NamespaceEnumeration.Take(names: folder.FullName).Networks, static one => one.Name is not null);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Every process that is there before and after, as /proc has it.
    [TaskFileFact]
    public void Walk_OfAllTasks_SaysWhatTheLinksSay()
    {
        Assert.Equal(Errno.None, OpenAt.Open(OpenAt.WorkingDirectory, "/proc\0"u8, out var number));
        using var directory = new SafeFileDescriptor(number);
        var before = Links();
        var walked = TaskNetworks.Read(directory.Number);
        var after = Links();
        Assert.NotNull(walked);
        Assert.Equal(walked.Count, walked.DistinctBy(static one => one.ProcessId).Count());
        var told = walked.ToDictionary(static one => one.ProcessId, static one => (ulong)one.Network);
        var stayed = before.Where(one => after.TryGetValue(one.Key, out var link) && link == one.Value).ToList();
        Assert.Contains(stayed, static one => one.Key == Environment.ProcessId);
        Assert.All(stayed, one => Assert.Equal(one.Value, told[one.Key]));
    }

    private static Dictionary<int, string> LinkTexts() => Directory.EnumerateDirectories("/proc").Where(static folder => int.TryParse(Path.GetFileName(folder), out _))
        .Select(static folder => (Id: int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture), Link: LinkOf(folder)))
        .Where(static one => one.Link is not null).ToDictionary(static one => one.Id, static one => one.Link!);

    private static Dictionary<int, ulong> Links() => LinkTexts().ToDictionary(static one => one.Key, static one => InodeOf(one.Value));

    private static ulong OwnInode() => InodeOf(LinkOf("/proc/self")!);

    private static ulong InodeOf(string link) => ulong.Parse(link["net:[".Length..^1], System.Globalization.CultureInfo.InvariantCulture);

    private static string? LinkOf(string folder)
    {
        try
        {
            return new FileInfo(Path.Combine(folder, "ns", "net")).LinkTarget is { } link && link.StartsWith("net:[", StringComparison.Ordinal) ? link : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return null;
        }
    }
}
