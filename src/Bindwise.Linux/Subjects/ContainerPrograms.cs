using System.Buffers.Binary;
using Bindwise.Linux.Cgroups;
using Bindwise.Linux.Containers;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;
using Bindwise.Model.Snapshots;
using Microsoft.Win32.SafeHandles;

namespace Bindwise.Linux.Subjects;

/// <summary>The processes of a container, by its id or by its name.</summary>
internal static class ContainerPrograms
{
    private const int ShortIdLength = 12;

    /// <summary>Finds a running container.</summary>
    /// <param name="text">The beginning of its id, or its name.</param>
    /// <exception cref="InspectionException">None, or more than one, is meant; or it does not run.</exception>
    internal static (string Id, string? Name, IReadOnlyList<int> Processes) Find(string text)
    {
        var running = Running();
        var byId = running.ContainsKey(text) ? [text] : running.Keys.Where(id => IsPrefix(text, id)).ToList();
        if (byId.Count > 1)
            throw new InspectionException($"{text} may be {Short(byId[0])} or {Short(byId[1])}: give more of the container's id");
        if (byId.Count == 1)
            return (byId[0], null, running[byId[0]]);
        var named = new ContainerReader().FindByName(text, running.Keys, EffectiveUserCall.Current());
        if (named is null)
            throw new InspectionException($"no container '{text}' runs here, according to cgroups, Docker and Podman: give its id, or its main process with --pid");
        if (running.TryGetValue(named.Id, out var processes))
            return (named.Id, named.Name, processes);
        throw new InspectionException($"the container '{text}' ({Short(named.Id)}) has no process: it is not running");
    }

    private static Dictionary<string, List<int>> Running()
    {
        var containers = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        CgroupMembers.Visit((pid, file) =>
        {
            if (file.Paths.Select(CgroupPath.Container).FirstOrDefault(static container => container is not null) is not { } container)
                return;
            if (!containers.TryGetValue(container, out var processes))
                containers.Add(container, processes = []);
            processes.Add(pid);
        });
        return containers;
    }

    // As the engines take them; a name such as "db" is no beginning of an id.
    private static bool IsPrefix(string text, string id) =>
        text.Length >= 4 && id.Length == 64 && id.StartsWith(text, StringComparison.OrdinalIgnoreCase);

    private static string Short(string id) => id.Length > ShortIdLength ? id[..ShortIdLength] : id;
}

/// <summary>Whether an executable was built by Go: its linker leaves a note named "Go" with the build's id in every ELF file.</summary>
internal static class GoProgram
{
    private const int HeaderBytes = 64;
    private const int ProgramHeaderBytes = 56;
    private const int MaximumProgramHeaders = 64;
    private const int MaximumNoteBytes = 4096;
    private const uint NoteSegment = 4;
    private const uint BuildIdNote = 4;

    /// <summary>Looks at the executable of a process; false where it may not be read.</summary>
    /// <param name="process">The process.</param>
    internal static bool IsRunBy(ProcessRecord process)
    {
        using var access = ForeignAccess.To(ForeignKind.Files, process.Id);
        if (!access.IsAllowed || process.Executable is not { } path || MountTable.OfProcess(process.Id).MayBeFuse(path))
            return false;
        try
        {
            using var file = File.OpenHandle(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/{process.Id}/exe"));
            return IsGo(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not to be read: then it is not recognised, as any other program.
            return false;
        }
    }

    /// <summary>Looks at an ELF file of 64 bits, little-endian; false for every other file.</summary>
    internal static bool IsGo(SafeFileHandle file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (RandomAccess.Read(file, header, 0) < HeaderBytes || !header.StartsWith("\u007fELF\u0002\u0001"u8))
            return false;
        var at = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(header[54..]);
        var count = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(header[56..]), (ushort)MaximumProgramHeaders);
        if (size != ProgramHeaderBytes || at is < 0 or > int.MaxValue)
            return false;
        Span<byte> segments = stackalloc byte[count * ProgramHeaderBytes];
        if (RandomAccess.Read(file, segments, at) < segments.Length)
            return false;
        for (; !segments.IsEmpty; segments = segments[ProgramHeaderBytes..])
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(segments) == NoteSegment && HasGoNote(file, segments))
                return true;
        }
        return false;
    }

    private static bool HasGoNote(SafeFileHandle file, ReadOnlySpan<byte> segment)
    {
        var offset = BinaryPrimitives.ReadInt64LittleEndian(segment[8..]);
        var length = Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(segment[32..]), MaximumNoteBytes);
        if (offset is < 0 or > int.MaxValue)
            return false;
        Span<byte> room = stackalloc byte[(int)length];
        ReadOnlySpan<byte> notes = room[..RandomAccess.Read(file, room, offset)];
        // Elf64_Nhdr: sizes of name and content, type; then both, each filled up to four bytes.
        while (notes.Length >= 12)
        {
            var name = BinaryPrimitives.ReadUInt32LittleEndian(notes);
            var content = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            if (name > MaximumNoteBytes || content > MaximumNoteBytes)
                return false;
            if (BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]) == BuildIdNote && notes[12..].StartsWith("Go\0\0"u8))
                return true;
            var whole = 12 + (((int)name + 3) & ~3) + (((int)content + 3) & ~3);
            if (whole > notes.Length)
                return false;
            notes = notes[whole..];
        }
        return false;
    }
}
