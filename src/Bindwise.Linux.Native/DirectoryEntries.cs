using System.Buffers.Text;

namespace Bindwise.Linux.Native;

/// <summary>Reads the buffer that getdents64(2) fills: struct linux_dirent64, one after the other.</summary>
internal ref struct DirectoryEntries(ReadOnlySpan<byte> bytes)
{
    private const byte Directory = 4; // DT_DIR
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;

    private ReadOnlySpan<byte> _rest = bytes;

    internal ulong Inode { get; private set; }

    /// <summary>The entry that was taken last is a directory; false also where the file system does not tell.</summary>
    internal bool IsDirectory { get; private set; }

    /// <param name="name">The name with the NUL that ends it, within the buffer.</param>
    /// <returns>False at the end, and at an entry whose length is impossible.</returns>
    internal bool TryNext(out ReadOnlySpan<byte> name)
    {
        name = default;
        if (_rest.Length <= NameOffset)
            return false;
        var length = MemoryMarshal.Read<ushort>(_rest[LengthOffset..]);
        if (length <= NameOffset || length > _rest.Length)
            return false;

        var field = _rest[NameOffset..length];
        var end = field.IndexOf((byte)0);
        if (end < 0)
            return false;
        name = field[..(end + 1)];
        Inode = MemoryMarshal.Read<ulong>(_rest);
        IsDirectory = _rest[TypeOffset] == Directory;
        _rest = _rest[length..];
        return true;
    }

    /// <summary>Takes the next entry whose name is a number, as pids, tids and descriptors are.</summary>
    internal bool TryNextNumber(out ReadOnlySpan<byte> name, out int number)
    {
        while (TryNext(out name))
        {
            if (Utf8Parser.TryParse(name, out number, out var consumed) && consumed == name.Length - 1
                && name[0] is >= (byte)'0' and <= (byte)'9')
                return true;
        }

        number = 0;
        return false;
    }
}
