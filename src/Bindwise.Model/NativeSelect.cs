namespace Bindwise;

/// <summary>
/// Select() for the native build on .NET 9. Enumerable.Select() there calls a generic virtual method of the source's iterator, so the
/// ahead-of-time compiler makes one for each pair of value types that could meet, though few do: half of the program. .NET 10 has a switch
/// for that (UseSizeOptimizedLinq), which is on in native builds; with it this file can go.
/// </summary>
public static class NativeSelect
{
    /// <summary>As <see cref="System.Linq.Enumerable"/> has it: lazy, in order.</summary>
    public static IEnumerable<TResult> Select<TSource, TResult>(this IEnumerable<TSource> source, Func<TSource, TResult> selector)
    {
        foreach (var element in source)
            yield return selector(element);
    }
}
