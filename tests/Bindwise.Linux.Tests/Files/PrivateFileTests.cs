using System.Diagnostics;
using System.Net.Sockets;
using Bindwise.Linux.Files;

namespace Bindwise.Linux.Tests.Files;

/// <summary>A file that is written for its owner alone, also where others may put something in the way.</summary>
[Trait("Lane", "second")]
public sealed class PrivateFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("private").FullName;

    private string Target => Path.Combine(_folder, "saved.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void NewFile_IsForItsOwnerAlone()
    {
        Assert.Null(PrivateFile.Replace(Target, "new"u8));
        Assert.Equal(("new", OwnerOnly), (File.ReadAllText(Target), File.GetUnixFileMode(Target)));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void OwnFile_IsReplaced_AndWhoHasItOpenSeesNothingOfTheNewOne()
    {
        File.WriteAllText(Target, "old");
        File.SetUnixFileMode(Target, (UnixFileMode)0b110_110_110);
        using var reader = new StreamReader(File.Open(Target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        Assert.Null(PrivateFile.Replace(Target, "new"u8));
        Assert.Equal(("new", OwnerOnly), (File.ReadAllText(Target), File.GetUnixFileMode(Target)));
        Assert.Equal("old", reader.ReadToEnd());
    }

    [Theory]
    [InlineData("ln -s victim saved.json", "it is a symbolic link; name the file itself")]
    [InlineData("ln -s nowhere saved.json", "it is a symbolic link; name the file itself")]
    [InlineData("ln -s /dev/null saved.json", "it is a symbolic link; name the file itself")]
    [InlineData("mkfifo saved.json", "it is a pipe, not a file")]
    [InlineData("mkdir saved.json", "it is a folder")]
    [InlineData("mknod saved.json c 1 3", "it is a device, not a file")]
    [InlineData("echo other > saved.json; chown 65534 saved.json", "it belongs to another user (uid 65534)")]
    [InlineData("chmod 1777 .; echo other > saved.json; chown 65534 saved.json", "it belongs to another user (uid 65534)")]
    [InlineData("chmod 1777 .; ln -s victim saved.json; chown -h 65534 saved.json", "it is a symbolic link; name the file itself")]
    public void WhatStandsThere_IsRefusedAndLeft(string put, string reason)
    {
        Run("echo precious > victim; " + put);
        var before = Listing();
        Assert.Equal(reason, PrivateFile.Replace(Target, "new"u8));
        Assert.Equal(before, Listing());
        Assert.Equal("precious\n", File.ReadAllText(Path.Combine(_folder, "victim")));
    }

    [Fact]
    public void Socket_IsRefused()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Target));
        Assert.Equal("it is a socket, not a file", PrivateFile.Replace(Target, "new"u8));
    }

    [Fact]
    public void FolderBehindALinkOfAnotherUser_IsNotWrittenTo()
    {
        Run("mkdir etc shared; chmod 1777 shared; ln -s ../etc shared/link; chown -h 65534 shared/link");
        Assert.Equal("link on the way there is a symbolic link of another user (uid 65534)", PrivateFile.Replace(Path.Combine(_folder, "shared/link/saved.json"), "new"u8));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder, "etc")));
    }

    [Theory]
    [InlineData("link/saved.json")]
    [InlineData("absolute/../absolute/./saved.json")]
    [InlineData("chain/saved.json")]
    public void FolderBehindLinksOfRootOrOneself_IsWrittenTo(string path)
    {
        Run("mkdir here; ln -s here link; ln -s \"$PWD/here\" absolute; ln -s ./link/../link chain");
        Assert.Null(PrivateFile.Replace(Path.Combine(_folder, path), "new"u8));
        Assert.Equal("new", File.ReadAllText(Path.Combine(_folder, "here/saved.json")));
    }

    [Fact]
    public void LinksInACircle_EndTheSearch()
    {
        Run("ln -s b a; ln -s a b");
        Assert.Equal("too many symbolic links", PrivateFile.Replace(Path.Combine(_folder, "a/saved.json"), "new"u8));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void WhatIsNoName_IsRefused(string path) => Assert.Equal("that is not a file name", PrivateFile.Replace(path, "new"u8));

    [Fact]
    public void LongName_IsRefused() => Assert.Equal("the name is too long", PrivateFile.Replace(Path.Combine(_folder, new string('a', 300)), "new"u8));

    /// <summary>Another user puts links and pipes in the way again and again, in a folder with and without the sticky bit.</summary>
    [Theory]
    [InlineData("1777")]
    [InlineData("777")]
    public void AnotherUserWhoRaces_GetsNothingWrittenElsewhere(string mode)
    {
        Run($"echo precious > victim; mkdir shared; chmod {mode} shared; chmod 755 .");
        const string Race = "cd shared || exit; i=0; while [ $i -lt 300 ]; do ln -s ../victim saved.json; mv -f saved.json x; ln -s ../victim x 2>&-; mkfifo saved.json; rm -f saved.json x; i=$((i + 1)); done";
        using var racing = Process.Start(new ProcessStartInfo("setpriv", ["--reuid", "65534", "--clear-groups", "sh", "-c", Race]) { WorkingDirectory = _folder, RedirectStandardError = true })!;
        racing.ErrorDataReceived += static (_, _) => { };
        racing.BeginErrorReadLine();
        var target = Path.Combine(_folder, "shared/saved.json");
        while (!racing.HasExited)
            _ = PrivateFile.Replace(target, "secret"u8);
        racing.WaitForExit();
        Assert.Equal("precious\n", File.ReadAllText(Path.Combine(_folder, "victim")));
        Assert.All(Directory.GetFiles(Path.Combine(_folder, "shared")).Where(static f => new FileInfo(f) is { LinkTarget: null, Length: > 0 }), static f => Assert.Equal(OwnerOnly, File.GetUnixFileMode(f)));
    }

    private string[] Listing() => [.. Run("ls -lni --time-style=+").Split('\n').Where(static line => !line.StartsWith("total", StringComparison.Ordinal))];

    private string Run(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = _folder, RedirectStandardOutput = true })!;
        var said = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return said;
    }
}
