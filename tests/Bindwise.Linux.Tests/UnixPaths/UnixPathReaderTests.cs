using Bindwise.Linux.Native;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Tests.Kernel;
using Bindwise.Linux.Tests.Processes;
using Bindwise.Linux.UnixPaths;

namespace Bindwise.Linux.Tests.UnixPaths;

[Collection(AloneCollection.Name)]
public sealed class UnixPathReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [KernelFact]
    public void SocketFile_OfALiveServer_IsFoundByNameAndByFile() => NetworkNamespace.Run(() =>
    {
        var path = Path.Combine(_folder, "s.sock");
        using var listener = RawSocket.Unix().BindUnix(System.Text.Encoding.UTF8.GetBytes(path)).Listen();

        var record = UnixPathReader.Read(path, out var file);

        Assert.True(record is { Exists: true, IsSocket: true, Kind: "socket", ParentErrno: 0 });
        Assert.Equal(listener.Inode, Single("/not/this/name", file).Inode);
        var socket = Single(path, default);
        Assert.Equal(TcpSocketState.Listen, socket.State);
        Assert.Equal(path, socket.Path);
        Assert.Equal(unchecked((uint)record.FileInode), socket.FileInode);
    });

    [KernelFact]
    public void SocketFile_LeftByADeadServer_StandsThereAlone() => NetworkNamespace.Run(() =>
    {
        var path = Path.Combine(_folder, "s.sock");
        RawSocket.Unix().BindUnix(System.Text.Encoding.UTF8.GetBytes(path)).Dispose();

        var record = UnixPathReader.Read(path, out var file);

        Assert.True(record is { Exists: true, IsSocket: true });
        Assert.Empty(Find(path, file));
    });

    [KernelTheory]
    [InlineData("free", false, "", 0)]
    [InlineData("missing/s.sock", false, "", (int)Errno.ENOENT)]
    [InlineData("file/s.sock", false, "", (int)Errno.ENOTDIR)]
    [InlineData("file", true, "file", 0)]
    [InlineData("folder", true, "directory", 0)]
    [InlineData("dangling", true, "symbolic link", 0)]
    [InlineData("slash/", false, "", (int)Errno.ENOENT)]
    public void Path_OfAnyKind_IsToldAsBindWouldMeetIt(string name, bool exists, string kind, int parentErrno)
    {
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "folder"));
        File.CreateSymbolicLink(Path.Combine(_folder, "dangling"), "nowhere");
        var path = _folder + "/" + name;

        var record = UnixPathReader.Read(path, out _);

        Assert.Equal((exists, kind, parentErrno), (record.Exists, record.Kind, record.ParentErrno));
        Assert.Equal(exists ? Errno.EADDRINUSE : (Errno)parentErrno, TryBind(path));
    }

    [KernelTheory]
    [InlineData("/proc/bindwise-test", "proc")]
    [InlineData("/proc/self/bindwise-test", "proc")]
    [InlineData("/sys/bindwise-test", "sysfs")]
    public void Path_WhereNoSocketCanBe_IsToldAsBindWouldMeetIt(string path, string fileSystem)
    {
        var record = UnixPathReader.Read(path, out _);

        Assert.Equal((fileSystem, TryBind(path)), (record.FileSystem, (Errno)record.ParentErrno));
    }

    [LinuxFact]
    public void Path_ThatJustFitsAnAddress_IsLookedAt() => Assert.Equal(0, UnixPathReader.Read("/tmp/" + new string('x', 102), out _).ParentErrno);

    [Fact]
    public void Path_LongerThanAnAddress_IsInvalid() =>
        Assert.Equal((int)Errno.EINVAL, UnixPathReader.Read("/tmp/" + new string('x', 103), out _).ParentErrno);

    [Theory]
    [InlineData("@name", 0)]
    [InlineData("", (int)Errno.EINVAL)]
    [InlineData("a\0b", (int)Errno.EINVAL)]
    public void Name_WithoutAFile_IsChecked(string name, int expected) =>
        Assert.Equal(new UnixPathRecord { Path = name, ParentErrno = expected }, UnixPathReader.Read(name, out _));

    private static Errno TryBind(string path)
    {
        try
        {
            using var socket = RawSocket.Unix().BindUnix(System.Text.Encoding.UTF8.GetBytes(path));
            return Errno.None;
        }
        catch (InvalidOperationException failure)
        {
            return Enum.Parse<Errno>(failure.Message["bind: ".Length..]);
        }
    }

    private static List<HeldSocket> Find(string path, UnixFileId file)
    {
        Assert.Equal(Errno.None, SockDiagClient.TryOpen(out var client));
        using (client)
        {
            var sockets = new List<HeldSocket>();
            Assert.True(client!.ReadUnix(System.Text.Encoding.UTF8.GetBytes(path), file, sockets).IsComplete);
            return sockets;
        }
    }

    private static HeldSocket Single(string path, UnixFileId file) => Assert.Single(Find(path, file));
}
