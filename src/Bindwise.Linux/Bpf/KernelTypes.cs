using System.Runtime.InteropServices;

namespace Bindwise.Linux.Bpf;

/// <summary>
/// Walks the kernel's own type information once, in order, since the ids of types are their places (Documentation/bpf/btf.rst).
/// Nothing is allocated and no name is decoded. The bytes are not trusted: whatever does not fit ends the walk.
/// </summary>
internal ref struct KernelTypes
{
    private const ushort Magic = 0xeb9f;
    private const int SmallestHeaderBytes = 24;
    private const int TypeBytes = 12;
    private const int MemberBytes = 12;

    // Linux 6.18 has 126,585 of them; it refuses programs' own type information with more than 1,048,575 (BTF_MAX_TYPE).
    private const int TypeLimit = 4 * 1024 * 1024;

    // What follows struct btf_type (include/uapi/linux/btf.h), by kind, 0 to 19: bytes, and bytes for each member, value or parameter.
    private const byte Unknown = byte.MaxValue;

    private static ReadOnlySpan<byte> BytesOnce => [Unknown, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0];
    private static ReadOnlySpan<byte> BytesEach => [0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12];

    private readonly ReadOnlySpan<byte> _types;
    private readonly ReadOnlySpan<byte> _strings;
    private int _next;
    private ReadOnlySpan<byte> _members;
    private bool _hasBitfieldSizes;

    private KernelTypes(ReadOnlySpan<byte> types, ReadOnlySpan<byte> strings)
    {
        _types = types;
        _strings = strings;
    }

    /// <summary>The kinds that are looked at (BTF_KIND_STRUCT, BTF_KIND_UNION, BTF_KIND_FUNC, BTF_KIND_FUNC_PROTO).</summary>
    internal enum Kind
    {
        Other = 0,
        Structure = 4,
        Union = 5,
        Function = 12,
        Prototype = 13,
    }

    /// <summary>The id of the current type: 1 for the first one.</summary>
    internal int Id { get; private set; }

    internal Kind Current { get; private set; }

    /// <summary>How many members or parameters the current type has.</summary>
    internal int Count { get; private set; }

    /// <summary>The id of the current function's prototype; nothing of use for other kinds.</summary>
    internal int Reference { get; private set; }

    /// <summary>The current structure's or union's size; 0 for other kinds.</summary>
    internal int SizeBytes { get; private set; }

    /// <summary>Where the current type's name stands among the names.</summary>
    internal uint NameOffset { get; private set; }

    /// <summary>Reads the header (struct btf_header).</summary>
    /// <returns>False when it is not BTF of version 1 in this machine's byte order, or its sections lie outside.</returns>
    internal static bool TryOpen(ReadOnlySpan<byte> bytes, out KernelTypes types)
    {
        types = default;
        if (bytes.Length < SmallestHeaderBytes || MemoryMarshal.Read<ushort>(bytes) != Magic || bytes[2] != 1)
            return false;
        var header = MemoryMarshal.Read<uint>(bytes[4..]);
        return header >= SmallestHeaderBytes
            && TrySection(bytes, header, bytes[8..], out var typeSection)
            && TrySection(bytes, header, bytes[16..], out var stringSection)
            && Assign(new KernelTypes(typeSection, stringSection), out types);
    }

    /// <returns>False at the end, and where a kind is unknown or a type is cut off.</returns>
    internal bool TryNext() => TryNext([]);

    /// <summary>Goes on to the next structure or function whose name begins with a letter that is sought: 100,000 do not.</summary>
    /// <param name="letters">Whether a letter is sought, one for each byte; empty for every type.</param>
    /// <returns>False at the end, and where a kind is unknown or a type is cut off.</returns>
    internal bool TryNext(scoped ReadOnlySpan<bool> letters)
    {
        var types = _types;
        var (at, id) = (_next, Id);
        while (types.Length - at >= TypeBytes && id < TypeLimit)
        {
            var type = types[at..];
            var info = MemoryMarshal.Read<uint>(type[sizeof(uint)..]);
            var kind = (int)(info >> 24) & 0x1f;
            if (kind >= BytesOnce.Length || BytesOnce[kind] == Unknown)
                break;
            var more = BytesOnce[kind] + (BytesEach[kind] * (int)(info & 0xffff));
            if (more > type.Length - TypeBytes)
                break;
            at += TypeBytes + more;
            id++;
            if (letters.IsEmpty
                || (kind is (int)Kind.Structure or (int)Kind.Function && letters[FirstLetter(MemoryMarshal.Read<uint>(type))]))
            {
                (_next, Id) = (at, id);
                Take(type[..(TypeBytes + more)], info, kind);
                return true;
            }
        }
        (_next, Id) = (types.Length, id);
        return false;
    }

    private void Take(ReadOnlySpan<byte> type, uint info, int kind)
    {
        Current = kind is (int)Kind.Structure or (int)Kind.Union or (int)Kind.Function or (int)Kind.Prototype ? (Kind)kind : Kind.Other;
        NameOffset = MemoryMarshal.Read<uint>(type);
        Count = (int)(info & 0xffff);
        Reference = MemoryMarshal.Read<int>(type[8..]);
        if (HasMembers)
        {
            SizeBytes = Reference;
            _hasBitfieldSizes = (info >> 31) != 0;
            _members = type[TypeBytes..];
        }
    }

    /// <summary>With what the current type's name begins; 0 for none.</summary>
    internal readonly byte FirstLetter() => FirstLetter(NameOffset);

    private readonly byte FirstLetter(uint name) => name < (uint)_strings.Length ? _strings[(int)name] : (byte)0;

    internal readonly bool IsNamed(ReadOnlySpan<byte> name) => HasName(NameOffset, name);

    private readonly bool HasMembers => Current is Kind.Structure or Kind.Union;

    /// <summary>Finds a member of the current structure or union.</summary>
    /// <returns>Its offset in bytes, the structure's size for an array of unknown length at its end; null when there is none, or it is a
    /// bit field, or it lies outside the structure or beyond 32,767.</returns>
    internal readonly int? OffsetOf(ReadOnlySpan<byte> member)
    {
        for (var rest = HasMembers ? _members : []; rest.Length >= MemberBytes; rest = rest[MemberBytes..])
        {
            if (HasName(MemoryMarshal.Read<uint>(rest), member))
                return OffsetOfFirst(rest);
        }

        return null;
    }

    /// <summary>
    /// The parts of the current structure without a name, whose members count as its own: their types, and where they stand.
    /// </summary>
    internal readonly List<(int TypeId, int Offset)> NamelessParts()
    {
        var parts = new List<(int TypeId, int Offset)>();
        for (var rest = HasMembers ? _members : []; rest.Length >= MemberBytes; rest = rest[MemberBytes..])
        {
            var name = MemoryMarshal.Read<uint>(rest);
            if (name < (uint)_strings.Length && _strings[(int)name] == 0 && OffsetOfFirst(rest) is { } offset)
                parts.Add((MemoryMarshal.Read<int>(rest[4..]), offset));
        }
        return parts;
    }

    private readonly int? OffsetOfFirst(ReadOnlySpan<byte> members)
    {
        var position = MemoryMarshal.Read<uint>(members[8..]);
        var isBitfield = _hasBitfieldSizes && (position >> 24) != 0;
        var bits = _hasBitfieldSizes ? position & 0xffffff : position;
        return isBitfield || bits % 8 != 0 || bits / 8 > (uint)Math.Clamp(SizeBytes, 0, short.MaxValue) ? null : (int)(bits / 8);
    }

    /// <summary>Finds a bit field of the current structure.</summary>
    /// <returns>The byte in which it begins and the bit there, 0 the lowest; null when there is none, or it lies beyond 32,767.</returns>
    internal readonly (int Byte, int Bit)? BitOf(ReadOnlySpan<byte> member)
    {
        for (var rest =
            Current == Kind.Structure && _hasBitfieldSizes ? _members : []; rest.Length >= MemberBytes; rest = rest[MemberBytes..])
        {
            if (!HasName(MemoryMarshal.Read<uint>(rest), member))
                continue;
            var position = MemoryMarshal.Read<uint>(rest[8..]);
            var bits = position & 0xffffff;
            return (position >> 24) == 0 || bits / 8 > (uint)Math.Clamp(SizeBytes, 0, short.MaxValue) ? null
                : ((int)(bits / 8), (int)(bits % 8));
        }

        return null;
    }

    private static bool Assign(KernelTypes from, out KernelTypes to)
    {
        to = from;
        return true;
    }

    private static bool TrySection(ReadOnlySpan<byte> bytes, uint header, ReadOnlySpan<byte> place, out ReadOnlySpan<byte> section)
    {
        section = default;
        var start = (ulong)header + MemoryMarshal.Read<uint>(place);
        var length = MemoryMarshal.Read<uint>(place[4..]);
        if (start > (ulong)bytes.Length || length > (ulong)bytes.Length - start)
            return false;
        section = bytes.Slice((int)start, (int)length);
        return true;
    }

    // The first byte is compared first: most names differ there.
    private readonly bool HasName(uint offset, ReadOnlySpan<byte> name)
    {
        if (offset >= (uint)_strings.Length || _strings[(int)offset] != name[0])
            return false;
        var text = _strings[(int)offset..];
        return text.Length > name.Length && text[name.Length] == 0 && text.StartsWith(name);
    }
}
