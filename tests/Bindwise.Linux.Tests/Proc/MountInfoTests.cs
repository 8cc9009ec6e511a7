using System.Text;
using Bindwise.Linux.Proc;
using Bindwise.Linux.Processes;
using FsCheck.Fluent;

namespace Bindwise.Linux.Tests.Proc;

[Trait("Seed", "any")]
public sealed class MountInfoTests
{
    private const string Table = """
        22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
        23 28 0:22 / /sys rw - sysfs sysfs rw
        30 23 0:27 / /sys/fs/cgroup rw shared:4 master:2 - cgroup2 cgroup2 rw,nsdelegate
        31 28 0:28 /docker/a\040b /mnt/a\040\134b rw - cgroup2 none rw
        """;

    [Theory]
    [InlineData(1000, true)]
    [InlineData(MountInfo.LimitBytes, false)]
    public void Table_ThatIsCut_TellsOfNoPathWhereItLies(int length, bool isKnown)
    {
        var root = Directory.CreateTempSubdirectory("bindwise-mounts-");
        Directory.CreateDirectory(root.FullName + "/proc/self");
        File.WriteAllText(root.FullName + "/proc/self/mountinfo", "22 28 0:21 / / rw - ext4 /dev/sda rw\n" + new string('x', length));
        var table = MountTable.OfCaller(root.FullName);
        Assert.Equal((isKnown, !isKnown), (table.IsLocal("/home"), table.MayBeFuse("/home")));
        root.Delete(recursive: true);
    }

    [Fact]
    public void Table_GivesTheMountsOfOneType()
    {
        var mounts = MountInfo.Parse(Encoding.UTF8.GetBytes(Table), "cgroup2");
        Assert.Equal(["/", "/docker/a b"], mounts.Select(mount => mount.Root));
        Assert.Equal(["/sys/fs/cgroup", "/mnt/a \\b"], mounts.Select(mount => Encoding.UTF8.GetString(mount.Point)));
        Assert.Equal("rw,nsdelegate", mounts[0].Options);
    }

    [Theory]
    [InlineData("rw", false)]
    [InlineData("rw,hidepid=0", false)]
    [InlineData("rw,hidepid=1", false)]
    [InlineData("rw,hidepid=noaccess", false)]
    [InlineData("rw,hidepid=2", true)]
    [InlineData("rw,hidepid=invisible,gid=4", true)]
    [InlineData("hidepid=ptraceable", true)]
    [InlineData("rw,hidepid=4", true)]
    [InlineData("rw,hidepid", false)]
    [InlineData("rw,nothidepid=2", false)]
    public void Proc_WithItsOptions_HidesOthersOrNot(string options, bool hides) =>
        Assert.Equal(hides, HiddenProcesses.HidesOthers(Encoding.UTF8.GetBytes($"22 28 0:21 / /proc rw - proc proc {options}\n")));

    [Fact]
    public void Proc_MountedTwice_IsJudgedByTheUpperMount() =>
        Assert.True(HiddenProcesses.HidesOthers("22 28 0:21 / /proc rw - proc proc rw\n99 22 0:50 / /proc rw - proc proc rw,hidepid=2\n"u8));

    [Fact]
    public void Proc_MountedElsewhere_IsNotJudged() =>
        Assert.False(HiddenProcesses.HidesOthers("22 28 0:21 / /proc rw - proc proc rw\n99 22 0:50 / /mnt/proc rw - proc proc rw,hidepid=2\n"u8));

    [Theory]
    [InlineData("")]
    [InlineData(" - ")]
    [InlineData("22 28 0:21 - proc")]
    [InlineData("22 28 0:21 / relative rw - proc proc rw")]
    [InlineData("22 28 0:21 / /proc rw proc proc rw")]
    public void Line_CutOffOrDistorted_IsLeftOut(string line) => Assert.Empty(MountInfo.Parse(Encoding.UTF8.GetBytes(line), "proc"));

    [Fact]
    public void Table_OfArbitraryBytes_NeverThrows() =>
        Prop.ForAll<byte[], byte[]>((before, after) =>
        {
            _ = MountInfo.Parse([.. "1 2 0:3 "u8, .. before, .. " - proc proc "u8, .. after], "proc").Select(mount => mount.Option("hidepid")).ToList();
            return true;
        }).Holds();
}
