using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>What executables say of the runtime that they were built with.</summary>
public sealed class ExecutableMarksTests
{
    [LinuxFact]
    public void Mark_ThisProcess_IsReadOnlyAsAHolder()
    {
        var own = new ProcessRecord { Id = Environment.ProcessId, Executable = Environment.ProcessPath };
        var other = own with { Id = int.MaxValue };

        // The tests run under dotnet, or under a starter of their own.
        var isStarter = File.Exists(own.Executable + ".runtimeconfig.json");
        var marked = ExecutableMarks.Mark([own, other], [new Holder(1, own.Id, 3), new Holder(1, other.Id, 3)]);

        Assert.Equal(isStarter ? Runtime.DotNet : null, marked[0].BuiltFor);
        Assert.Equal(marked[0].BuiltFor, ExecutableMarks.Mark([own, other], [new Holder(1, own.Id, 3)])[0].BuiltFor);
        Assert.Null(ExecutableMarks.Mark([own], [])[0].BuiltFor);
        Assert.Equal(marked[0].BuiltFor, ExecutableMarks.Of(own));
        Assert.Null(ExecutableMarks.Of(other));
    }

    [LinuxFact]
    public void Read_ASystemProgram_SaysNothing() => Assert.Null(ReadSections("/bin/sh"));

    [Theory]
    [InlineData(".go.buildinfo", Runtime.Go)]
    [InlineData("__managedcode", Runtime.DotNet)]
    [InlineData("_tlgEventPtrs_DotNETRuntime", Runtime.DotNet)]
    [InlineData(".text", null)]
    [InlineData(".go.buildinfo2", null)]
    public void ReadSections_ByTheNames_IsTheRuntime(string name, Runtime? runtime) => Assert.Equal(runtime, ReadFile(Elf(name)));

    [Theory]
    [InlineData("GCC: (Debian 12.2.0) 12.2.0\0rustc version 1.95.0 (59807616e 2026-04-14)\0", Runtime.Rust)]
    [InlineData("GCC: (Debian 12.2.0) 12.2.0\0", null)]
    public void ReadSections_ByTheNoteOfTheCompiler_IsRust(string note, Runtime? runtime) => Assert.Equal(runtime, ReadFile(Elf(".comment", note)));

    [Theory]
    [InlineData(".go.buildinfo", "")]
    [InlineData(".comment", "rustc version 1.95.0")]
    public void ReadSections_OfAnyDamage_IsNothingWorseThanNull(string name, string note)
    {
        var whole = Elf(name, note);
        for (var cut = 0; cut < whole.Length; cut++)
            Assert.Null(ReadFile(whole[..cut]));
        for (var at = 40; at < 192; at++)
        {
            foreach (var value in new byte[] { 0, 1, 0x7f, 0x80, 0xff })
            {
                var spoilt = whole.ToArray();
                spoilt[at] = value;
                _ = ReadFile(spoilt);
            }
        }
    }

    /// <summary>A header, two sections, of which the second holds the names and the first what is at the end, and the names.</summary>
    private static byte[] Elf(string name, string content = "")
    {
        var names = System.Text.Encoding.ASCII.GetBytes("\0.shstrtab\0" + name + "\0");
        var text = System.Text.Encoding.ASCII.GetBytes(content);
        var file = new byte[64 + 128 + names.Length + text.Length];
        byte[] magic = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        magic.CopyTo(file, 0);
        BitConverter.TryWriteBytes(file.AsSpan(40), 64L);
        BitConverter.TryWriteBytes(file.AsSpan(58), (ushort)64);
        BitConverter.TryWriteBytes(file.AsSpan(60), (ushort)2);
        BitConverter.TryWriteBytes(file.AsSpan(62), (ushort)1);
        BitConverter.TryWriteBytes(file.AsSpan(128 + 24), 192L);
        BitConverter.TryWriteBytes(file.AsSpan(128 + 32), (long)names.Length);
        BitConverter.TryWriteBytes(file.AsSpan(64), "\0.shstrtab\0".Length);
        BitConverter.TryWriteBytes(file.AsSpan(64 + 24), 192L + names.Length);
        BitConverter.TryWriteBytes(file.AsSpan(64 + 32), (long)text.Length);
        names.CopyTo(file, 192);
        text.CopyTo(file, 192 + names.Length);
        return file;
    }

    private static Runtime? ReadFile(byte[] content)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, content);
            return ReadSections(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Runtime? ReadSections(string path)
    {
        Assert.Equal(Errno.None, OpenAt.Open(OpenAt.WorkingDirectory, System.Text.Encoding.UTF8.GetBytes(path + "\0"), out var descriptor));
        try
        {
            return ExecutableMarks.ReadSections(descriptor);
        }
        finally
        {
            CloseDescriptor.Close(descriptor);
        }
    }
}
