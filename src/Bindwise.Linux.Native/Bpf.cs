using System.Buffers.Binary;

namespace Bindwise.Linux.Native;

/// <summary>
/// bpf(2), by number: what an iterator needs, and a program on a tracepoint or a function; and what tells of programs and maps
/// that others loaded, of which nothing is changed. Nothing is pinned: all ends with the last descriptor. Field offsets are those of union
/// bpf_attr, struct bpf_prog_info and struct bpf_map_info (include/uapi/linux/bpf.h).
/// </summary>
internal static class BpfCall
{
    private const int LoadCommand = 5;
    internal const int RunCommand = 10;
    private const int OpenTracepointCommand = 17;
    private const int CreateLinkCommand = 28;
    private const int CreateIteratorCommand = 33;
    private const uint TracepointProgram = 17;
    private const uint TracingProgram = 26;
    private const uint FunctionEndAttachment = 25;
    private const uint IteratorAttachment = 28;
    private const uint Sleepable = 1 << 4;
    private const int LoadBytes = 120;
    private const int TracepointBytes = 16;
    private const int RunBytes = 80;
    private const int LinkBytes = 64;
    private const int IteratorBytes = 8;

    /// <summary>More programs on one hook of one cgroup are not told of (the kernel allows 64, BPF_CGROUP_MAX_PROGS).</summary>
    internal const int MaximumPrograms = 64;

    /// <summary>BPF_F_QUERY_EFFECTIVE: with the programs of the cgroups above.</summary>
    internal const uint Effective = 1;

    /// <summary>BPF_PROG_TYPE_LSM.</summary>
    internal const uint SecurityProgram = 29;

    internal const int LookUpCommand = 1;
    internal const int NextProgramCommand = 11;
    internal const int ProgramCommand = 13;
    internal const int MapCommand = 14;
    internal const int InformationCommand = 15;
    internal const int QueryCommand = 16;

    /// <summary>struct bpf_prog_info.</summary>
    internal const int MapCountOffset = 52;
    internal const int MapIdsOffset = 56;
    internal const int ProgramNameOffset = 64;
    internal const int MissesOffset = 208;
    internal const int FunctionOffset = 224;

    /// <summary>BPF_MAP_TYPE_ARRAY.</summary>
    private const uint ArrayType = 2;

    /// <summary>struct bpf_map_info.</summary>
    internal const int KeySizeOffset = 8;
    internal const int ValueSizeOffset = 12;
    internal const int EntriesOffset = 16;
    internal const int MapNameOffset = 24;
    private const int QueryBytes = 64;
    private const int ProgramInformationBytes = 256;
    private const int MapInformationBytes = 96;
    private const int NameBytes = 16;
    private const int MaximumMaps = 64;

    // The kernel lends bpf_seq_write and bpf_probe_read_kernel only to programs whose licence goes with its own.
    private static ReadOnlySpan<byte> Licence => "Dual MIT/GPL\0"u8;

    /// <summary>BPF_PROG_LOAD of an iterator's program (BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER); close-on-exec.</summary>
    /// <param name="function">The BTF id of the function that stands for the iterator, such as bpf_iter_task_file.</param>
    /// <param name="maySleep">It may wait for a page of a process's memory (BPF_F_SLEEPABLE; Linux 5.18 for an iterator).</param>
    /// <returns>EPERM without CAP_BPF and CAP_PERFMON; EINVAL or EACCES when the verifier refuses.</returns>
    internal static Errno LoadIterator(ReadOnlySpan<ulong> instructions, int function, out SafeFileDescriptor program,
        bool maySleep = false) =>
        LoadTracing(instructions, IteratorAttachment, function, maySleep ? Sleepable : 0, out program);

    /// <summary>BPF_PROG_LOAD of a program for the end of a function of the kernel (BPF_TRACE_FEXIT, Linux 5.5); close-on-exec.</summary>
    /// <returns>EPERM without CAP_BPF and CAP_PERFMON, or where the kernel refuses such programs to all; EINVAL or EACCES when the verifier
    /// refuses, ENOENT for a function that has no address.</returns>
    internal static Errno LoadFunctionEnd(ReadOnlySpan<ulong> instructions, int function, out SafeFileDescriptor program) =>
        LoadTracing(instructions, FunctionEndAttachment, function, 0, out program);

    private static Errno LoadTracing(ReadOnlySpan<ulong> instructions, uint attachment, int function, uint flags,
        out SafeFileDescriptor program)
    {
        Span<byte> attributes = new byte[LoadBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(attributes[44..], flags);
        BinaryPrimitives.WriteUInt32LittleEndian(attributes[68..], attachment);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[108..], function);
        return Load(TracingProgram, instructions, attributes, out program);
    }

    /// <summary>BPF_PROG_LOAD of a program for a raw tracepoint; close-on-exec.</summary>
    /// <returns>EPERM without CAP_BPF and CAP_PERFMON; EINVAL or EACCES when the verifier refuses.</returns>
    internal static Errno LoadTracepoint(ReadOnlySpan<ulong> instructions, out SafeFileDescriptor program)
    {
        Span<byte> attributes = new byte[LoadBytes];
        return Load(TracepointProgram, instructions, attributes, out program);
    }

    /// <summary>BPF_LINK_CREATE: ties a program to the iterator that it was loaded for.</summary>
    /// <param name="onlyTask">Of an iterator over tasks: the only one to visit (Linux 6.1; before it visits all); 0 for all.</param>
    internal static unsafe Errno CreateLink(SafeFileDescriptor program, out SafeFileDescriptor link, int onlyTask = 0)
    {
        Span<byte> attributes = new byte[LinkBytes];
        // union bpf_iter_link_info: tid, pid, pid_fd.
        var visited = stackalloc int[4] { onlyTask, 0, 0, 0 };
        BinaryPrimitives.WriteInt32LittleEndian(attributes, program.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(attributes[8..], IteratorAttachment);
        if (onlyTask != 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)visited);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[24..], 4 * sizeof(int));
        }
        return Make(CreateLinkCommand, attributes, out link);
    }

    /// <summary>BPF_ITER_CREATE: a file whose reading walks the objects.</summary>
    internal static Errno CreateIterator(SafeFileDescriptor link, out SafeFileDescriptor iterator)
    {
        Span<byte> attributes = new byte[IteratorBytes];
        BinaryPrimitives.WriteInt32LittleEndian(attributes, link.Number);
        return Make(CreateIteratorCommand, attributes, out iterator);
    }

    /// <summary>BPF_RAW_TRACEPOINT_OPEN: the program runs at each pass, as long as the link is open.</summary>
    /// <param name="tracepoint">The tracepoint's name, with a NUL at its end.</param>
    internal static unsafe Errno OpenTracepoint(ReadOnlySpan<byte> tracepoint, SafeFileDescriptor program, out SafeFileDescriptor link)
    {
        Span<byte> attributes = new byte[TracepointBytes];
        fixed (byte* name = Terminated.Checked(tracepoint))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(attributes, (ulong)name);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[8..], program.Number);
            return Make(OpenTracepointCommand, attributes, out link);
        }
    }

    /// <summary>BPF_RAW_TRACEPOINT_OPEN without a name: the program runs at each end of its function while the link is open.</summary>
    /// <returns>EBUSY, ENOTSUPP and others where the kernel cannot stand at this function.</returns>
    internal static Errno AttachToFunction(SafeFileDescriptor program, out SafeFileDescriptor link)
    {
        Span<byte> attributes = new byte[TracepointBytes];
        BinaryPrimitives.WriteInt32LittleEndian(attributes[8..], program.Number);
        return Make(OpenTracepointCommand, attributes, out link);
    }

    /// <summary>BPF_PROG_RUN of a program for a raw tracepoint, once, in the calling thread and without the tracepoint.</summary>
    /// <returns>ENOTSUPP, which has no name, before Linux 5.10.</returns>
    internal static Errno RunTracepoint(SafeFileDescriptor program, out uint result)
    {
        Span<byte> attributes = stackalloc byte[RunBytes];
        attributes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(attributes, program.Number);
        var errno = Call(RunCommand, attributes, out _);
        result = BinaryPrimitives.ReadUInt32LittleEndian(attributes[4..]);
        return errno;
    }

    /// <summary>
    /// How often a program of ours was due and did not run, since it ran on the same processor already (bpf_prog_info.recursion_misses,
    /// Linux 5.12; 0 before).
    /// </summary>
    internal static Errno CountMisses(SafeFileDescriptor program, out ulong misses)
    {
        Span<byte> information = new byte[ProgramInformationBytes];
        var errno = Information(program, information);
        misses = BinaryPrimitives.ReadUInt64LittleEndian(information[MissesOffset..]);
        return errno;
    }

    /// <summary>BPF_PROG_QUERY: the programs on a cgroup's hook, in the order in which they are asked.</summary>
    /// <param name="attachType">enum bpf_attach_type, as BPF_CGROUP_INET4_BIND.</param>
    /// <param name="flags">0, or <see cref="Effective"/>.</param>
    /// <returns>EPERM without CAP_NET_ADMIN in the first user namespace; EINVAL for a hook that the kernel does not have.</returns>
    internal static unsafe Errno Query(int cgroup, int attachType, uint flags, out uint[] programs)
    {
        var ids = stackalloc uint[MaximumPrograms];
        Span<byte> attributes = new byte[QueryBytes];
        BinaryPrimitives.WriteInt32LittleEndian(attributes, cgroup);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], attachType);
        BinaryPrimitives.WriteUInt32LittleEndian(attributes[8..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)ids);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[24..], MaximumPrograms);
        var errno = Call(QueryCommand, attributes, out _);
        var count = errno == Errno.None ? (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(attributes[24..]), MaximumPrograms) : 0;
        programs = new ReadOnlySpan<uint>(ids, count).ToArray();
        return errno;
    }

    /// <summary>BPF_PROG_GET_NEXT_ID: the next program of the whole system.</summary>
    /// <param name="after">The id before it; 0 for the first one.</param>
    /// <returns>ENOENT after the last one; EPERM without CAP_SYS_ADMIN.</returns>
    internal static Errno NextProgram(uint after, out uint next)
    {
        Span<byte> attributes = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(attributes, after);
        var errno = Call(NextProgramCommand, attributes, out _);
        next = BinaryPrimitives.ReadUInt32LittleEndian(attributes[4..]);
        return errno;
    }

    /// <summary>A program's type, name, maps, and the function that it stands on (BPF_PROG_GET_FD_BY_ID, BPF_OBJ_GET_INFO_BY_FD).</summary>
    /// <returns>EPERM without CAP_SYS_ADMIN.</returns>
    internal static unsafe Errno Describe(uint programId, out BpfProgram described)
    {
        described = new BpfProgram(0, "", [], 0);
        var errno = OpenById(ProgramCommand, programId, out var program);
        using (program)
        {
            if (errno != Errno.None)
                return errno;
            var ids = stackalloc uint[MaximumMaps];
            Span<byte> information = new byte[ProgramInformationBytes];
            BinaryPrimitives.WriteInt32LittleEndian(information[MapCountOffset..], MaximumMaps);
            BinaryPrimitives.WriteUInt64LittleEndian(information[MapIdsOffset..], (ulong)ids);
            errno = Information(program, information);
            if (errno != Errno.None)
                return errno;
            described = new BpfProgram(
                BinaryPrimitives.ReadUInt32LittleEndian(information),
                NameAt(information[ProgramNameOffset..]),
                new ReadOnlySpan<uint>(ids,
                    (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(information[MapCountOffset..]), MaximumMaps)).ToArray(),
                BinaryPrimitives.ReadUInt32LittleEndian(information[FunctionOffset..]));
            return Errno.None;
        }
    }

    internal static Errno ReadArray(uint mapId, int limitBytes, out string name, out int valueBytes, out byte[] elements)
    {
        name = "";
        valueBytes = 0;
        elements = [];
        var errno = OpenById(MapCommand, mapId, out var map);
        using (map)
        {
            if (errno != Errno.None)
                return errno;
            Span<byte> information = new byte[MapInformationBytes];
            errno = Information(map, information);
            if (errno != Errno.None)
                return errno;
            name = NameAt(information[MapNameOffset..]);
            valueBytes = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(information[ValueSizeOffset..]), int.MaxValue);
            var count = BinaryPrimitives.ReadUInt32LittleEndian(information[EntriesOffset..]);
            // Of a map for each processor the kernel would write the values of all of them.
            if (BinaryPrimitives.ReadUInt32LittleEndian(information) != ArrayType
                || BinaryPrimitives.ReadUInt32LittleEndian(information[KeySizeOffset..]) != sizeof(uint) || valueBytes is 0
                || count > (uint)(limitBytes / valueBytes))
                return Errno.EINVAL;
            elements = new byte[(int)count * valueBytes];
            for (var i = 0; i < (int)count && errno == Errno.None; i++)
                errno = LookUp(map, (uint)i, elements.AsSpan(i * valueBytes, valueBytes));
            return errno;
        }
    }

    private static Errno LookUp(SafeFileDescriptor map, uint key, Span<byte> value)
    {
        // The kernel writes whole eights.
        Span<byte> room = stackalloc byte[(value.Length + 7) & ~7];
        var errno = BpfMapCall.LookUp(map, MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in key)), room);
        room[..value.Length].CopyTo(value);
        return errno;
    }

    private static Errno OpenById(int command, uint id, out SafeFileDescriptor opened)
    {
        Span<byte> attributes = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(attributes, id);
        return Make(command, attributes, out opened);
    }

    private static unsafe Errno Information(SafeFileDescriptor opened, Span<byte> information)
    {
        Span<byte> attributes = new byte[16];
        fixed (byte* start = information)
        {
            BinaryPrimitives.WriteInt32LittleEndian(attributes, opened.Number);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], information.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[8..], (ulong)start);
            return Call(InformationCommand, attributes, out _);
        }
    }

    /// <summary>BPF_OBJ_NAME_LEN bytes; the kernel admits only letters, digits, dots and underscores.</summary>
    private static string NameAt(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes[..NameBytes].TrimEnd((byte)0));

    private static unsafe Errno Load(uint kind, ReadOnlySpan<ulong> instructions, Span<byte> attributes, out SafeFileDescriptor program)
    {
        fixed (ulong* start = instructions)
        fixed (byte* licence = Licence)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(attributes, kind);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], instructions.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[8..], (ulong)start);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)licence);
            "bindwise"u8.CopyTo(attributes[48..]);
            return Make(LoadCommand, attributes, out program);
        }
    }

    internal static Errno Make(int command, Span<byte> attributes, out SafeFileDescriptor made)
    {
        var errno = Call(command, attributes, out var result);
        made = new SafeFileDescriptor(result);
        return errno;
    }

    internal static unsafe Errno Call(int command, Span<byte> attributes, out int result)
    {
        fixed (byte* pointer = attributes)
            result = (int)OptionalCall.Bpf.Make(command, (nint)pointer, attributes.Length);
        return LastError.Of(result);
    }
}

/// <summary>What struct bpf_prog_info tells of a program.</summary>
/// <param name="Name">Its name, at most 15 bytes.</param>
/// <param name="Function">The BTF id of the kernel's function that it stands on (attach_btf_id); 0 for none, or before Linux 5.19.</param>
internal sealed record BpfProgram(uint Type, string Name, uint[] Maps, uint Function);
