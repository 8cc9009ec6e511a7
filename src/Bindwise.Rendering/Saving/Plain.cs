using System.Collections.Immutable;

namespace Bindwise.Rendering.Saving;

/// <summary>Short names for the formats of plain values, and the fields of one record.</summary>
internal static class Plain
{
    public static readonly Format<string> Text = new TextFormat();
    public static readonly Format<string?> TextOrNull = new OptionalFormat<string>(Text);
    public static readonly Format<bool> Boolean = new BooleanFormat();
    public static readonly Format<int> Int32 = new NumberFormat<int>();
    public static readonly Format<long> Int64 = new NumberFormat<long>();
    public static readonly Format<ushort> UInt16 = new NumberFormat<ushort>();
    public static readonly Format<uint> UInt32 = new NumberFormat<uint>();
    public static readonly Format<ulong> UInt64 = new NumberFormat<ulong>();
    public static readonly Format<ImmutableArray<string>> Texts = new ListFormat<string>(Text);

    public static Format<T?> OrNull<T>(this Format<T> format)
        where T : struct => new NullableFormat<T>(format);

    public static Format<ImmutableArray<T>> List<T>(this Format<T> format) => new ListFormat<T>(format);
}

/// <summary>Names the record once, so that each field is told by its value's type alone.</summary>
internal static class Of<T>
{
    public static Field<T> Field<TValue>(string name, Format<TValue> format, Func<T, TValue> get, Func<T, TValue, T> with) =>
        new Field<T, TValue>(name, format, get, with);

    public static Field<T> Required<TValue>(string name, Format<TValue> format, Func<T, TValue> get, Func<T, TValue, T> with) =>
        new Field<T, TValue>(name, format, get, with, isRequired: true);
}
