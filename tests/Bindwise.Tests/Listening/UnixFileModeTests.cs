using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Tests.TakingOver;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>The mode of a UNIX socket's file: the socket's own file gets it, and never what somebody put in its place.</summary>
[SupportedOSPlatform("linux")]
[Trait("Lane", "second")]
public sealed class UnixFileModeTests
{
    private const UnixFileMode Everybody = (UnixFileMode)0b110_110_110;
    private const UnixFileMode OwnerOnly = (UnixFileMode)0b110_000_000;
    private const int Rounds = 300;

    // Changes a link and the socket's file over as soon as that is there (RENAME_EXCHANGE).
    private const string Attacker = """
        import ctypes, os, sys
        folder, rounds, victim = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        libc = ctypes.CDLL(None)
        for n in range(rounds):
            os.symlink(victim, f"{folder}/{n}.link")
        print("there", flush=True)
        for n in range(rounds):
            link, path = f"{folder}/{n}.link".encode(), f"{folder}/{n}.sock".encode()
            while libc.renameat2(-100, link, -100, path, 2):
                pass
        """;

    // Refuses unshare(2) to the program that it becomes, as the sandboxes of containers do.
    private const string WithoutUnshare = """
        import ctypes, os, struct, sys
        number = {"x86_64": 272, "aarch64": 97}[os.uname().machine]
        code = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x50001), (6, 0, 0, 0x7fff0000)]
        filter = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
        program = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(filter))
        libc = ctypes.CDLL(None)
        assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0) == 0
        os.execvp(sys.argv[1], sys.argv[1:])
        """;

    [IsolatedFact("python3", "setpriv")]
    public Task Mode_LinkThatRacesForTheFilesPlace_ChangesNothingElsewhere() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
        var victim = Path.GetTempFileName();
        File.SetUnixFileMode(victim, OwnerOnly);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        var start = new ProcessStartInfo("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", Attacker, folder, Rounds.ToString(CultureInfo.InvariantCulture), victim])
        {
            RedirectStandardOutput = true,
        };
        using var attacker = Process.Start(start)!;
        Assert.Equal("there", await attacker.StandardOutput.ReadLineAsync());
        var open = new List<BoundListener>();
        for (var round = 0; round < Rounds; round++)
        {
            var path = $"{folder}/{round}.sock";
            try
            {
                open.Add(Listener.Bind(ListenRequest.OnUnixSocket(path) with { Settings = SocketSettings.Default with { UnixFileMode = Everybody } }));
            }
            catch (InvalidOperationException exception)
            {
                Assert.Contains("it was replaced", exception.Message, StringComparison.Ordinal);
            }
            Assert.Equal((round, OwnerOnly), (round, File.GetUnixFileMode(victim)));
            // A file that was removed with its listener cannot be replaced any more: the attacker goes on.
            if (!Path.Exists(path))
                await File.WriteAllTextAsync(path, "");
        }
        open.ForEach(static one => one.Dispose());
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(victim));
        Assert.True(File.Exists(victim));
        attacker.Kill();
        await attacker.WaitForExitAsync();
    });

    [IsolatedFact]
    public Task Mode_LinkInThePlaceOfAnOwnSocketsFile_IsNotFollowed() => Body.RunAsync(static () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-").FullName, "app.sock");
        var victim = Path.GetTempFileName();
        File.SetUnixFileMode(victim, OwnerOnly);
        var request = ListenRequest.OnUnixSocket(path) with
        {
            Settings = SocketSettings.Default with { UnixFileMode = Everybody },
            CreateBoundSocket = endpoint =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Bind(endpoint);
                File.Delete(path);
                File.CreateSymbolicLink(path, victim);
                return socket;
            },
        };
        Assert.Contains("cannot be given the mode 0666", Assert.Throws<InvalidOperationException>(() => Listener.Bind(request)).Message, StringComparison.Ordinal);
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(victim));
        return Task.CompletedTask;
    });

    [IsolatedFact("python3", "setpriv")]
    public Task Mode_IsTheOneAskedFor_WhateverTheUmaskAndTheSandbox() => Body.RunAsync(static async () =>
    {
        string[] wrappers = ["", "setpriv --reuid=65534 --regid=65534 --clear-groups"];
        foreach (var wrapper in wrappers)
        {
            foreach (var isBare in (bool[])[true, false])
            {
                string[] command = [.. wrapper.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. isBare ? [] : (string[])["/usr/bin/python3", "-c", WithoutUnshare], .. PassingParent.Program(BindAsync)];
                var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
                File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
                Assert.Equal("", await PassingParent.OutputAsync("/bin/sh", ["-c", "umask 027; cd \"$0\"; exec \"$@\"", folder, .. command]));
                Assert.Empty(Directory.GetFileSystemEntries(folder));
            }
        }
    });

    private static Task BindAsync()
    {
        foreach (var mode in (UnixFileMode[])[Everybody, OwnerOnly, (UnixFileMode)0b111_111_111])
        {
            var path = Path.GetFullPath($"{(int)mode}.sock");
            using var listener = Listener.Bind(ListenRequest.OnUnixSocket(path) with { Settings = SocketSettings.Default with { UnixFileMode = mode } });
            Assert.Equal(mode, File.GetUnixFileMode(path));
            // The umask of the process is as it was.
            File.WriteAllText(path + ".txt", "");
            Assert.Equal((UnixFileMode)0b110_100_000, File.GetUnixFileMode(path + ".txt"));
            File.Delete(path + ".txt");
        }
        return Task.CompletedTask;
    }
}
