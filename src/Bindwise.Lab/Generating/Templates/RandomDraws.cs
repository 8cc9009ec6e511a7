using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Lab.Generating.Templates;

/// <summary>The draws that all tables are made of.</summary>
internal static class RandomDraws
{
    private const int Ordinals = 240;

    /// <summary>Which one of those that there are: taken modulo their number when that is known.</summary>
    public static Gen<int> Ordinal { get; } = Gen.Choose(0, Ordinals - 1);

    /// <summary>True every other time.</summary>
    public static Gen<bool> Half { get; } = Of(50);

    /// <summary>True so many times of a hundred.</summary>
    public static Gen<bool> Of(int percent) => Gen.Choose(0, 99).Select(roll => roll < percent);

    /// <summary>A value so many times of a hundred, otherwise null.</summary>
    public static Gen<T?> Perhaps<T>(int percent, Gen<T> value) where T : class
    {
        var (some, none) = (value.Select(static v => (T?)v), Gen.Constant<T?>(null));
        return Of(percent).SelectMany(drawn => drawn ? some : none);
    }

    /// <summary>One of these values, each as often as its weight says.</summary>
    public static Gen<T> Table<T>(params (int Weight, T Value)[] rows) =>
        Gen.Frequency(Array.ConvertAll(rows, static row => (row.Weight, Gen.Constant(row.Value))));
}
