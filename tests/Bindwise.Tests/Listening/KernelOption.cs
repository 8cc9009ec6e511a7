using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Bindwise.Tests.Listening;

/// <summary>What the kernel itself says about sockets and descriptors of this process.</summary>
internal static class KernelOption
{
    /// <summary>SOL_SOCKET, SO_REUSEADDR.</summary>
    public static int ReuseAddress(Socket socket) => Read(socket, 1, 2);

    /// <summary>SOL_SOCKET, SO_REUSEPORT.</summary>
    public static int ReusePort(Socket socket) => Read(socket, 1, 15);

    /// <summary>IPPROTO_IPV6, IPV6_V6ONLY.</summary>
    public static int V6Only(Socket socket) => Read(socket, 41, 26);

    /// <summary>An option of an int, by getsockopt(2).</summary>
    public static int Read(Socket socket, int level, int name)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        Assert.Equal(sizeof(int), socket.GetRawSocketOption(level, name, value));
        return BitConverter.ToInt32(value);
    }

    /// <summary>The flags of a descriptor (fcntl(2)), of which 02000000 is close-on-exec.</summary>
    public static int Flags(Socket socket)
    {
        var line = File.ReadLines($"/proc/self/fdinfo/{socket.Handle}").Single(static line => line.StartsWith("flags:", StringComparison.Ordinal));
        return Convert.ToInt32(line["flags:".Length..].Trim(), 8);
    }

    /// <summary>How many sockets this process has open: the runtime opens files of its own now and then.</summary>
    public static int OpenSockets() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
        .Count(static one => one.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    /// <summary>Waits until as many are open: the look for a reason that nobody waits for any more ends by itself.</summary>
    public static async Task OpenSocketsAreAsync(int expected)
    {
        int open;
        for (var patience = DateTime.UtcNow + TimeSpan.FromMinutes(4); (open = OpenSockets()) != expected && DateTime.UtcNow < patience;)
            await Task.Delay(10);
        Assert.Equal(expected, open);
    }

    /// <summary>Writes a sysctl of this network namespace, as <c>net/ipv4/tcp_fin_timeout</c>.</summary>
    public static void WriteSysctl(string name, string value) => File.WriteAllText("/proc/sys/" + name, value);

    /// <summary>Runs a command of a few words to its end.</summary>
    public static void Run(string program, string words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, string.Create(CultureInfo.InvariantCulture, $"{program} {words} ended with {process.ExitCode}: {errors}"));
    }
}
