namespace Bindwise.Linux.Bpf;

/// <summary>Something that a program of ours must know of the kernel, by its name in the kernel's type information.</summary>
internal sealed class KernelPlace
{
    private KernelPlace(string type, string? member) =>
        (Type, Member) = (Encoding.ASCII.GetBytes(type), member is null ? null : Encoding.ASCII.GetBytes(member));

    /// <summary>The name of the structure or function.</summary>
    internal byte[] Type { get; }

    /// <summary>The name of the structure's member; null for the structure itself, and for a function.</summary>
    internal byte[]? Member { get; }

    internal bool IsFunction { get; private init; }

    /// <summary>How many parameters the function has to take, to be the one that is sought; null where that is nothing to us.</summary>
    internal int? Parameters { get; private init; }

    internal bool IsBit { get; private init; }
    internal bool MayBeWithin { get; private init; }

    /// <summary>Some kernels lack it: that it is missing says something, and is no fault.</summary>
    internal bool IsOptional { get; private init; }

    internal static KernelPlace Function(string name) => new(name, null) { IsFunction = true };

    internal static KernelPlace OptionalFunction(string name, int? parameters = null) =>
        new(name, null) { IsFunction = true, IsOptional = true, Parameters = parameters };

    /// <summary>Where a member stands in its structure, in bytes.</summary>
    internal static KernelPlace Offset(string type, string member) => new(type, member);

    /// <summary>The same of a member that may stand in a part of the structure that has no name.</summary>
    internal static KernelPlace OffsetWithin(string type, string member) => new(type, member) { MayBeWithin = true };

    internal static KernelPlace OptionalOffset(string type, string member) => new(type, member) { IsOptional = true };

    /// <summary>Where a bit field stands in its structure.</summary>
    internal static KernelPlace Bit(string type, string member) => new(type, member) { IsBit = true };

    internal static KernelPlace Size(string type) => new(type, null);
}

/// <summary>
/// What one walk through the kernel's type information found. Of several structures of one name, which different source files of the kernel
/// may use for different things, the first counts that has all that is needed of it.
/// </summary>
internal sealed class KernelPlaces
{
    // Of a function the second is the id of its prototype.
    private readonly Dictionary<KernelPlace, (int Value, int Bit)> _found = [];

    // Where members may be that their structures do not have themselves; looked for once all structures are found.
    private readonly List<(KernelPlace Place, int TypeId, int Offset)> _parts = [];

    private KernelPlaces()
    {
    }

    /// <summary>What was found of a place that is not optional: a size, an offset in bytes, or a BTF id.</summary>
    internal int this[KernelPlace place] => _found[place].Value;

    /// <summary>The byte in which a bit field begins, and the bit there, 0 the lowest.</summary>
    internal (int Byte, int Bit) Bit(KernelPlace place) => _found[place];

    /// <summary>What was found of an optional place; null where this kernel lacks it.</summary>
    internal int? Find(KernelPlace place) => _found.TryGetValue(place, out var found) ? found.Value : null;

    /// <param name="typeInformation">The kernel's type information (/sys/kernel/btf/vmlinux).</param>
    /// <returns>Null when one that is not optional is missing, as in a kernel with randomised structures.</returns>
    internal static KernelPlaces? Read(ReadOnlySpan<byte> typeInformation, params ReadOnlySpan<KernelPlace> sought)
    {
        if (!KernelTypes.TryOpen(typeInformation, out var types))
            return null;
        // By the first letter: most of the 100,000 names end there.
        var byLetter = new List<Group>?[byte.MaxValue + 1];
        Span<bool> letters = stackalloc bool[byLetter.Length];
        letters.Clear();
        var missing = 0;
        foreach (var place in sought)
        {
            var groups = byLetter[place.Type[0]] ??= [];
            var group = groups.Find(one => one.IsFunction == place.IsFunction && one.Name.SequenceEqual(place.Type));
            if (group is null)
            {
                groups.Add(group = new Group(place.Type, place.IsFunction));
                missing++;
            }
            group.Places.Add(place);
            letters[place.Type[0]] = true;
        }
        var places = new KernelPlaces();
        while (missing > 0 && types.TryNext(letters))
        {
            foreach (var group in byLetter[types.FirstLetter()]!)
            {
                if (!group.IsFound && places.Take(types, group))
                    missing--;
            }
        }
        places.FindInParts(typeInformation);
        places.ForgetOtherPrototypes(typeInformation, sought);
        foreach (var place in sought)
        {
            if (!place.IsOptional && !places._found.ContainsKey(place))
                return null;
        }
        return places;
    }

    // A function tells its prototype by id, which may stand before it or after it: another walk finds it.
    private void ForgetOtherPrototypes(ReadOnlySpan<byte> typeInformation, ReadOnlySpan<KernelPlace> sought)
    {
        var open = new List<KernelPlace>();
        foreach (var place in sought)
        {
            if (place.Parameters is not null && _found.ContainsKey(place))
                open.Add(place);
        }
        if (open.Count == 0 || !KernelTypes.TryOpen(typeInformation, out var types))
            return;
        while (open.Count > 0 && types.TryNext())
        {
            if (types.Current != KernelTypes.Kind.Prototype)
                continue;
            var (id, parameters) = (types.Id, types.Count);
            open.RemoveAll(place => _found[place].Bit == id && place.Parameters == parameters);
        }
        open.ForEach(place => _found.Remove(place));
    }

    private bool Take(in KernelTypes types, Group group)
    {
        if (group.IsFunction != (types.Current == KernelTypes.Kind.Function) || !types.IsNamed(group.Name))
            return false;
        foreach (var place in group.Places)
        {
            if (Value(types, place) is { } value)
                _found[place] = value;
            else if (place.MayBeWithin && types.NamelessParts() is { Count: > 0 } parts)
                _parts.AddRange(parts.Select(part => (place, part.TypeId, part.Offset)));
            else if (!place.IsOptional)
                return Forget(group);
        }
        return group.IsFound = true;
    }

    private bool Forget(Group group)
    {
        group.Places.ForEach(place => _found.Remove(place));
        _parts.RemoveAll(part => group.Places.Contains(part.Place));
        return false;
    }

    // The kernel's central structures and their parts are among the first types: a second walk ends soon.
    private void FindInParts(ReadOnlySpan<byte> typeInformation)
    {
        var last = _parts.Count == 0 ? 0 : _parts.Max(static part => part.TypeId);
        if (!KernelTypes.TryOpen(typeInformation, out var types))
            return;
        while (types.Id < last && types.TryNext())
        {
            foreach (var (place, id, offset) in _parts)
            {
                if (id == types.Id && types.OffsetOf(place.Member) is { } within && offset + within <= short.MaxValue)
                    _found[place] = (offset + within, 0);
            }
        }
    }

    private static (int Value, int Bit)? Value(in KernelTypes types, KernelPlace place) =>
        place.IsFunction ? (types.Id, types.Reference)
        : place.Member is not { } member ? types.SizeBytes is > 0 and <= short.MaxValue ? (types.SizeBytes, 0) : null
        : place.IsBit ? types.BitOf(member)
        : types.OffsetOf(member) is { } offset ? (offset, 0) : null;

    /// <summary>What is sought of one structure or function.</summary>
    private sealed class Group(byte[] name, bool isFunction)
    {
        internal byte[] Name { get; } = name;
        internal bool IsFunction { get; } = isFunction;
        internal List<KernelPlace> Places { get; } = [];
        internal bool IsFound { get; set; }
    }
}
