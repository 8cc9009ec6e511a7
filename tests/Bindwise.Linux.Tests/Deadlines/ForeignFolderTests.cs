using System.Text;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Tests.Deadlines;

/// <summary>What is read where others write: regular files of bounded size that lie in the folder.</summary>
public sealed class ForeignFolderTests : IDisposable
{
    // Not the one who runs the tests.
    private const uint Stranger = 4_000_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-foreign-").FullName;
    private readonly string _outside = Directory.CreateTempSubdirectory("bindwise-outside-").FullName;

    public ForeignFolderTests()
    {
        File.WriteAllText(_outside + "/secret", "secret");
        Directory.CreateDirectory(_folder + "/below");
        File.WriteAllText(_folder + "/below/plain", "plain");
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_outside, recursive: true);
    }

    [Fact]
    public void Read_RegularFile_IsRead() => Assert.Equal("plain", Read("/below/plain"));

    [Fact]
    public void Read_LongFile_IsCut() => Assert.Equal("pla", Encoding.UTF8.GetString(ForeignFolder.OfUser(_folder, Stranger).Read("/below/plain", 3)));

    [Fact]
    public void Read_LinkWithinAUsersFolder_IsFollowed()
    {
        File.CreateSymbolicLink(_folder + "/link", "below/plain");
        Assert.Equal("plain", Read("/link"));
    }

    [Theory]
    [InlineData("{0}/secret", "/link")]
    [InlineData("{0}", "/link/secret")]
    [InlineData("../../../../../../../../..{0}/secret", "/link")]
    [InlineData("/proc/self/root{0}/secret", "/link")]
    public void Read_LinkOutOfAUsersFolder_IsNotFollowed(string target, string path)
    {
        File.CreateSymbolicLink(_folder + "/link", string.Format(System.Globalization.CultureInfo.InvariantCulture, target, _outside));
        Assert.Equal("", Read(path));
        Assert.Empty(ForeignFolder.OfUser(_folder, Stranger).List("/link", 10));
        Assert.Equal("secret", Encoding.UTF8.GetString(ForeignFolder.OfUser(_folder, EffectiveIds.User()).Read(path, 100)));
    }

    [Theory]
    [InlineData("..", "/../{0}/secret")]
    [InlineData("..", "/below/../../{0}/secret")]
    public void Read_PathOutOfAUsersFolder_IsNotFollowed(string _, string path) =>
        Assert.Equal("", Read(string.Format(System.Globalization.CultureInfo.InvariantCulture, path, Path.GetFileName(_outside))));

    [Fact]
    public async Task Read_Pipe_HoldsNobodyUp()
    {
        Assert.Equal(0, Pipe(_folder + "/pipe"));
        Assert.Equal("", await Task.Run(() => Read("/pipe")).WaitAsync(TimeSpan.FromSeconds(120)));
        Assert.Equal("", await Task.Run(() => Encoding.UTF8.GetString(ForeignFolder.OfSystem(_folder).Read("/pipe", 100))).WaitAsync(TimeSpan.FromSeconds(120)));
    }

    [Fact]
    public void Read_DeviceAndFolder_AreNoFiles()
    {
        Assert.Equal("", Encoding.UTF8.GetString(ForeignFolder.OfSystem("/dev").Read("/zero", 100)));
        Assert.Equal("", Read("/below"));
    }

    [Fact]
    public void List_FolderBelow_GivesItsNames() => Assert.Equal(["plain"], ForeignFolder.OfUser(_folder, Stranger).List("/below", 10));

    [Theory]
    [InlineData("below/plain", (int)Errno.None)]
    [InlineData("./below//plain", (int)Errno.None)]
    [InlineData("out/secret", (int)Errno.ELOOP)]
    [InlineData("below/../below/plain", (int)Errno.EXDEV)]
    [InlineData("/etc/passwd", (int)Errno.EXDEV)]
    [InlineData("gone", (int)Errno.ENOENT)]
    public void ResolveByStep_BeforeLinux56_FollowsNoLink(string path, int expected)
    {
        File.CreateSymbolicLink(_folder + "/out", _outside);
        Assert.Equal(Errno.None, OpenAt.Open(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes(_folder + "\0"), out var directory));
        var errno = PlainFile.ResolveByStep(directory, Encoding.UTF8.GetBytes(path + "\0"), PathBounds.Beneath, out var found);
        found.Dispose();
        CloseDescriptor.Close(directory);
        Assert.Equal(expected, (int)errno);
    }

    [Fact]
    public void ResolveByStep_OntoAnotherMount_IsRefused()
    {
        Assert.Equal(Errno.None, OpenAt.Open(OpenAt.WorkingDirectory, "/\0"u8, out var directory));
        Assert.Equal(Errno.EXDEV, PlainFile.ResolveByStep(directory, "proc/version\0"u8, PathBounds.Beneath, out var found));
        found.Dispose();
        Assert.Equal(Errno.None, PlainFile.ResolveByStep(directory, "proc/version\0"u8, PathBounds.NoSymlinks, out found));
        found.Dispose();
        CloseDescriptor.Close(directory);
    }

    private static int Pipe(string path)
    {
        using var process = System.Diagnostics.Process.Start("mkfifo", path);
        process.WaitForExit();
        return process.ExitCode;
    }

    private string Read(string path) => Encoding.UTF8.GetString(ForeignFolder.OfUser(_folder, Stranger).Read(path, 100));
}
