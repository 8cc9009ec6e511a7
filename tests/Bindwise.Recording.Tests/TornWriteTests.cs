using System.Diagnostics;
using System.Globalization;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Recording.Segments;
using IsolatedProcess;

namespace Bindwise.Recording.Tests;

/// <summary>A file that takes a part of a line, and does not let it be taken back.</summary>
public sealed class TornWriteTests
{
    [IsolatedFact("chattr", "prlimit")]
    public Task WhatIsWrittenAfterIt_IsNotCutByTheNextFailure() => Body.RunAsync(static () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-store-").FullName;
        SignalCall.Ignore(SignalCall.FileTooLarge);
        using var store = StoreFolder.OpenToWrite(folder, out _)!;
        using var writer = new SegmentWriter(store);
        writer.Open(new DateTimeOffset(2026, 11, 24, 3, 12, 0, TimeSpan.Zero));
        var file = Path.Combine(folder, writer.Name!);
        var tooLong = new byte[16 << 10];
        Array.Fill(tooLong, (byte)'x');

        Assert.Null(writer.Append("one\n"u8));
        Limit(4096);
        // Of a file that may only grow, nothing is taken back.
        Run("chattr", "+a", file);
        Assert.NotNull(writer.Append(tooLong));
        Assert.Equal(4096, new FileInfo(file).Length);
        Run("chattr", "-a", file);
        Limit(8192);
        Assert.Null(writer.Append("two\n"u8));
        Assert.NotNull(writer.Append(tooLong));
        Assert.Null(writer.Append("three\n"u8));
        Assert.Equal($"one\n{new string('x', 4092)}\ntwo\nthree\n", File.ReadAllText(file, Encoding.ASCII));
        return Task.CompletedTask;
    });

    [IsolatedFact("prlimit")]
    public Task WhatWasEmptiedMeanwhile_IsNotFilledWithZerosByTheNextFailure() => Body.RunAsync(static () =>
    {
        SignalCall.Ignore(SignalCall.FileTooLarge);
        using var store = StoreFolder.OpenToWrite(Directory.CreateTempSubdirectory("bindwise-store-").FullName, out _)!;
        using var writer = new SegmentWriter(store);
        writer.Open(new DateTimeOffset(2026, 11, 24, 3, 12, 0, TimeSpan.Zero));
        var file = Path.Combine(store.Path, writer.Name!);
        Assert.Null(writer.Append("one\n"u8));
        File.WriteAllText(file, "");
        Limit(4096);
        Assert.NotNull(writer.Append(new byte[16 << 10]));
        Assert.Null(writer.Append("two\n"u8));
        Assert.Equal("two\n", File.ReadAllText(file, Encoding.ASCII));
        return Task.CompletedTask;
    });

    private static void Limit(int bytes) =>
        Run("prlimit", "--pid", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), $"--fsize={bytes.ToString(CultureInfo.InvariantCulture)}:");

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
