using System.Buffers.Binary;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Processes;

/// <summary>
/// What a program of its own was built with, where its file says so without a doubt: the names of its ELF sections (elf(5)), which
/// Go's linker and .NET's compiler and host leave there even in a stripped file; the settings beside a .NET program's own starter; and the
/// compilers' notes of themselves (.comment), which Rust's builds keep.
/// </summary>
internal static class ExecutableMarks
{
    internal const int MaximumExecutables = 16;
    private const int HeaderBytes = 64;
    private const int SectionBytes = 64;
    private const int MaximumSections = 256;
    private const int MaximumNamesBytes = 16 * 1024;
    private const int MaximumNotesBytes = 4 * 1024;

    /// <summary>The processes, with the runtime of those that hold sockets.</summary>
    internal static ImmutableArray<ProcessRecord> Mark(ImmutableArray<ProcessRecord> processes, ImmutableArray<Holder> holders)
    {
        var holding = holders.Select(static holder => holder.ProcessId).ToHashSet();
        var known = new Dictionary<string, Runtime?>(StringComparer.Ordinal);
        var marked = processes.ToBuilder();
        for (var i = 0; i < marked.Count; i++)
        {
            if (!holding.Contains(marked[i].Id) || marked[i].Executable is not { } path)
                continue;
            if (!known.TryGetValue(path, out var runtime) && known.Count < MaximumExecutables)
                known.Add(path, runtime = Of(marked[i]));
            marked[i] = marked[i] with { BuiltFor = runtime };
        }
        return marked.ToImmutable();
    }

    /// <summary>What the executable of a process says; null when it says nothing, or may not be read.</summary>
    internal static Runtime? Of(ProcessRecord process)
    {
        if (process.Executable is not { } path)
            return null;
        var pid = process.Id;
        using var access = ForeignAccess.To(ForeignKind.Files, pid);
        if (!access.IsAllowed || MountTable.OfProcess(pid).MayBeFuse(path))
            return null;
        using var descriptor = OpenAt.TryOpen(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/exe\0")));
        if (descriptor is null)
            return null;
        return ReadSections(descriptor.Number) ?? (HasSettings(pid, path) ? Runtime.DotNet : null);
    }

    /// <summary>What the sections of a 64-bit little-endian ELF file tell; null for anything else.</summary>
    internal static Runtime? ReadSections(int descriptor)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (!ReadWriteCall.TryFill(descriptor, header, 0) || !header.StartsWith("\u007fELF\u0002\u0001"u8))
            return null;
        var sectionsAt = BinaryPrimitives.ReadInt64LittleEndian(header[40..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(header[58..]), count = BinaryPrimitives.ReadUInt16LittleEndian(header[60..]);
        int names = BinaryPrimitives.ReadUInt16LittleEndian(header[62..]);
        if (size != SectionBytes || count is 0 or > MaximumSections || names >= count || sectionsAt <= 0
            || sectionsAt > long.MaxValue - (MaximumSections * SectionBytes))
            return null;
        Span<byte> section = stackalloc byte[SectionBytes];
        if (!ReadWriteCall.TryFill(descriptor, section, sectionsAt + (names * SectionBytes)))
            return null;
        var (at, length) = PlaceOf(section);
        if (at <= 0 || length is <= 0 or > MaximumNamesBytes)
            return null;
        var text = new byte[length];
        if (!ReadWriteCall.TryFill(descriptor, text, at))
            return null;
        var notes = text.AsSpan().IndexOf("\0.comment\0"u8) + 1;
        return OfNames(text) ?? (notes > 0 && HasRustNote(descriptor, sectionsAt, count, notes) ? Runtime.Rust : null);
    }

    private static (long At, long Length) PlaceOf(ReadOnlySpan<byte> section) =>
        (BinaryPrimitives.ReadInt64LittleEndian(section[24..]), BinaryPrimitives.ReadInt64LittleEndian(section[32..]));

    /// <param name="name">Where the section's name begins among the names.</param>
    private static bool HasRustNote(int descriptor, long sectionsAt, int count, int name)
    {
        var sections = new byte[count * SectionBytes];
        if (!ReadWriteCall.TryFill(descriptor, sections, sectionsAt))
            return false;
        foreach (var section in sections.Chunk(SectionBytes).Where(one => BinaryPrimitives.ReadUInt32LittleEndian(one) == name))
        {
            var (at, length) = PlaceOf(section);
            var text = new byte[Math.Clamp(length, 0, MaximumNotesBytes)];
            if (at > 0 && ReadWriteCall.TryFill(descriptor, text, at) && Has(text, "rustc version "u8))
                return true;
        }
        return false;
    }

    private static Runtime? OfNames(ReadOnlySpan<byte> names) =>
        Has(names, ".go.buildinfo\0"u8) ? Runtime.Go
        : Has(names, "__managedcode\0"u8) || Has(names, ".dotnet_eh_table\0"u8) || Has(names, "_tlgEventPtrs_DotNETRuntime\0"u8)
            ? Runtime.DotNet
        : null;

    private static bool Has(ReadOnlySpan<byte> names, ReadOnlySpan<byte> name) => names.IndexOf(name) >= 0;

    /// <summary>NAME.runtimeconfig.json and NAME.dll beside NAME: what `dotnet build` leaves for the starter of a program.</summary>
    private static bool HasSettings(int pid, string path) =>
        ForeignFolder.OfProcess(pid) is var root && root.Exists(path + ".runtimeconfig.json") && root.Exists(path + ".dll");
}

/// <summary>What /proc/PID/exe points to.</summary>
/// <param name="Path">The path without the kernel's note.</param>
/// <param name="IsDeleted">The file was deleted or replaced since the process was started.</param>
internal sealed record ExecutableLink(string Path, bool IsDeleted)
{
    private static ReadOnlySpan<byte> Note => " (deleted)"u8;

    /// <summary>
    /// Reads the link's text. The kernel adds " (deleted)" to the path of a file that is gone (d_path, fs/d_path.c), but a file may be
    /// named so: then the path, note and all, leads to the very file that runs, seen from the root directory of that process.
    /// </summary>
    internal static ExecutableLink Resolve(int pid, int processDirectory, ReadOnlySpan<byte> link)
    {
        if (!link.EndsWith(Note) || link.Length == Note.Length || IsRunningFile(pid, processDirectory, link))
            return new ExecutableLink(KernelText.Decode(link), IsDeleted: false);
        return new ExecutableLink(KernelText.Decode(link[..^Note.Length]), IsDeleted: true);
    }

    private static bool IsRunningFile(int pid, int processDirectory, ReadOnlySpan<byte> path)
    {
        using var access = ForeignAccess.To(ForeignKind.Files, pid);
        return access.IsAllowed && !MountTable.OfProcess(pid).MayBeFuse(KernelText.Decode(path))
            && StatX.Follow(processDirectory, "exe\0"u8, out var running) == Errno.None
        && running.Links > 0
        && StatX.OfLink(processDirectory, (byte[])[.. "root"u8, .. path, 0], out var named) == Errno.None
        && named.Inode == running.Inode
        && named.Device == running.Device;
    }
}
