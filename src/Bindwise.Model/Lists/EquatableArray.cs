namespace Bindwise;

/// <summary>
/// What stands behind a list in a record, so that records with equal elements are equal: an <see cref="ImmutableArray{T}"/> compares
/// the array that it wraps. The property shows an <see cref="ImmutableArray{T}"/>.
/// </summary>
/// <example><code>
/// private readonly EquatableArray&lt;Owner&gt; _owners;
///
/// public ImmutableArray&lt;Owner&gt; Owners { get => _owners; init => _owners = value; }
/// </code></example>
internal readonly struct EquatableArray<T> : IEquatable<EquatableArray<T>>
{
    private readonly ImmutableArray<T> _items;

    // A list that was set to default stays so, for whoever checks it as an argument; one that was not set is empty.
    private readonly bool _isDefault;

    private EquatableArray(ImmutableArray<T> items) => (_items, _isDefault) = (items, items.IsDefault);

    private ImmutableArray<T> Items => _items.IsDefault && !_isDefault ? [] : _items;

    public static implicit operator EquatableArray<T>(ImmutableArray<T> items) => new(items);

    public static implicit operator ImmutableArray<T>(EquatableArray<T> list) => list.Items;

    /// <summary>Both have the same elements in the same order, or both are default.</summary>
    public bool Equals(EquatableArray<T> other) =>
        _isDefault == other._isDefault && (Items == other.Items || Items.AsSpan().SequenceEqual(other.Items.AsSpan()));

    public override bool Equals(object? obj) => obj is EquatableArray<T> other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var one in Items.AsSpan())
            hash.Add(one);
        return hash.ToHashCode();
    }
}
