using System.Buffers.Binary;
using System.Text;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>Writes type information as a kernel has it: BTF of version 1, little-endian (Documentation/bpf/btf.rst).</summary>
internal sealed class TypeInformation
{
    internal const int HeaderBytes = 24;

    private readonly List<byte> _types = [];
    private readonly List<byte> _strings = [0];

    /// <summary>Adds a type of any kind, with bytes that follow it.</summary>
    internal TypeInformation Add(string name, int kind, int count, uint sizeOrType, params byte[] trailing)
    {
        Append(NameOf(name));
        Append(((uint)kind << 24) | (uint)count);
        Append(sizeOrType);
        _types.AddRange(trailing);
        return this;
    }

    /// <summary>Adds a function.</summary>
    internal TypeInformation Function(string name) => Add(name, kind: 12, count: 0, sizeOrType: 1);

    /// <summary>Adds a structure; positions in bits, as the kernel gives them.</summary>
    internal TypeInformation Structure(string name, uint size, params (string Name, uint Position)[] members) =>
        Structure(name, size, hasBitfieldSizes: false, members);

    internal TypeInformation Structure(string name, uint size, bool hasBitfieldSizes, params (string Name, uint Position)[] members)
    {
        Append(NameOf(name));
        Append((hasBitfieldSizes ? 1u << 31 : 0) | (4u << 24) | (uint)members.Length);
        Append(size);
        foreach (var (member, position) in members)
        {
            Append(NameOf(member));
            Append(1);
            Append(position);
        }

        return this;
    }

    /// <summary>All that a layout needs, in the order of Linux 6.18 and with its offsets, without the function.</summary>
    internal TypeInformation KernelStructures() =>
        Structure("task_struct", 3264, hasBitfieldSizes: true, ("group_leader", 8 * 1328), ("flag", (1u << 24) | 4001), ("thread_pid", 8 * 1368))
            .Structure("pid", 144, ("level", 8 * 4), ("numbers", 8 * 144))
            .Structure("file", 184, ("f_op", 8 * 8), ("f_inode", 8 * 32))
            .Structure("inode", 616, ("i_mode", 0), ("i_ino", 8 * 64))
            .Structure("upid", 16, ("nr", 0), ("ns", 64));

    internal byte[] ToArray()
    {
        var header = new byte[HeaderBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(header, 0xeb9f);
        header[2] = 1;
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), _types.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), _types.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(20), _strings.Count);
        return [.. header, .. _types, .. _strings];
    }

    private uint NameOf(string name)
    {
        if (name.Length == 0)
            return 0;
        var offset = (uint)_strings.Count;
        _strings.AddRange(Encoding.ASCII.GetBytes(name + '\0'));
        return offset;
    }

    private void Append(uint value)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _types.AddRange(bytes);
    }
}
