using System.Collections.Immutable;

namespace Bindwise;

/// <summary>
/// Lists in records, compared element by element: an <see cref="ImmutableArray{T}"/> alone compares the array that it wraps.
/// </summary>
internal static class Sequence
{
    /// <summary>Both have the same elements in the same order, or both are default.</summary>
    public static bool AreEqual<T>(ImmutableArray<T> one, ImmutableArray<T> other) =>
        one == other || (!one.IsDefault && !other.IsDefault && one.AsSpan().SequenceEqual(other.AsSpan()));

    /// <summary>A hash that equal lists share.</summary>
    public static int Hash<T>(ImmutableArray<T> list)
    {
        var hash = new HashCode();
        foreach (var one in list.IsDefault ? [] : list)
            hash.Add(one);
        return hash.ToHashCode();
    }
}
