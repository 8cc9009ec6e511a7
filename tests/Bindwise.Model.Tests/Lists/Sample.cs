using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Bindwise.Model.Tests.Lists;

/// <summary>Values of any type of the model: two of the same number are equal and share no list, two of different numbers differ.</summary>
internal static class Sample
{
    // Deeper than this, references are null: some records hold others of their own type.
    private const int Depth = 3;

    private static readonly MethodInfo List = typeof(Sample).GetMethod(nameof(ListOf), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>A value with every field set, so that the fields of the same name differ between number 0 and number 1.</summary>
    public static object Of(Type type, int number) => Of(type, number, Depth)!;

    /// <summary>The fields that hold an instance's state, whatever sets them.</summary>
    public static FieldInfo[] FieldsOf(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance);

    /// <summary>A list's type of elements; null for another type.</summary>
    public static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? type.GetGenericArguments()[0] : null;

    private static object? Of(Type type, int number, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying, number, depth);
        if (ElementOf(type) is { } element)
            return List.MakeGenericMethod(element).Invoke(null, [number, depth]);
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(number);
        if (type == typeof(string))
            return string.Create(CultureInfo.InvariantCulture, $"text {number}");
        if (type == typeof(DateTimeOffset))
            return DateTimeOffset.UnixEpoch.AddDays(number);
        if (type == typeof(TimeSpan))
            return TimeSpan.FromDays(number);
        if (type == typeof(char))
            return (char)('a' + number);
        if (type.IsPrimitive)
            return Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
        if (type.Assembly == typeof(object).Assembly)
            throw new NotSupportedException($"No sample of {type}: add one here.");
        if (!type.IsValueType && depth == 0)
            return null;
        var instance = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in FieldsOf(type))
            field.SetValue(instance, Of(field.FieldType, number, depth - 1));
        return instance;
    }

    private static ImmutableArray<T> ListOf<T>(int number, int depth) => depth <= 0 ? [] : [(T)Of(typeof(T), number, depth)!];
}
