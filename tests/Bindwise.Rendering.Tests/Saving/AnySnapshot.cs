using System.Collections.Immutable;
using System.Reflection;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Rendering.Tests.Saving;

/// <summary>
/// Values of the model's records made from their own properties: a field that is added to a record is generated and compared from then on,
/// so a snapshot file that forgets it fails.
/// </summary>
internal static class AnySnapshot
{
    /// <summary>A generator of a record type, every property drawn.</summary>
    public static Gen<T> Of<T>() => Of(typeof(T), new NullabilityInfoContext()).Select(value => (T)value!);

    /// <summary>Where two values differ first, to the last property and by the elements of lists; null when they are alike.</summary>
    public static string? Difference(object? one, object? other, string path = "")
    {
        if (one is null || other is null || one.GetType() != other.GetType())
            return one is null && other is null ? null : $"{path}: {one ?? "null"} is not {other ?? "null"}";
        if (one is not string && one is System.Collections.IEnumerable first && other is System.Collections.IEnumerable second)
        {
            var left = first.Cast<object?>().ToList();
            var right = second.Cast<object?>().ToList();
            return left.Count != right.Count
                ? $"{path}: {left.Count} elements are not {right.Count}"
                : left.Select((item, index) => Difference(item, right[index], $"{path}[{index}]")).FirstOrDefault(found => found is not null);
        }
        if (IsRecord(one.GetType()))
            return Settable(one.GetType()).Select(property => Difference(property.GetValue(one), property.GetValue(other), $"{path}.{property.Name}"))
                .FirstOrDefault(found => found is not null);
        var isSame = one is DateTimeOffset time ? time.EqualsExact((DateTimeOffset)other) : one.Equals(other);
        return isSame ? null : $"{path}: {one} is not {other}";
    }

    private static Gen<object?> Of(Type type, NullabilityInfoContext nullability)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return OrNull(Of(inner, nullability));
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
            return ListOf(type.GetGenericArguments()[0], nullability);
        if (type == typeof(TcpSocketState))
            return Gen.Choose(0, 255).Select(number => (object?)(TcpSocketState)(byte)number);
        if (type.IsEnum)
            return Gen.Elements(Enum.GetValues(type).Cast<object?>().ToArray());
        return type switch
        {
            _ when type == typeof(string) => Text.Select(text => (object?)text),
            _ when type == typeof(bool) => Gen.Elements<object?>(true, false),
            _ when type == typeof(char) => Gen.Choose(' ', '~').Select(letter => (object?)(char)letter),
            _ when type == typeof(int) => Gen.OneOf(Gen.Choose(-3, 99_999), Gen.Elements(int.MinValue, int.MaxValue)).Select(number => (object?)number),
            _ when type == typeof(long) => Gen.Elements<object?>(0L, -1L, 312L, long.MaxValue, long.MinValue),
            _ when type == typeof(uint) => Gen.Elements<object?>(0u, 1000u, uint.MaxValue),
            _ when type == typeof(ulong) => Gen.Elements<object?>(0ul, 77ul, (1ul << 53) + 1, ulong.MaxValue),
            _ when type == typeof(byte) => Gen.Choose(0, 255).Select(number => (object?)(byte)number),
            _ when type == typeof(ushort) => Gen.Choose(0, 65535).Select(number => (object?)(ushort)number),
            _ when type == typeof(DateTimeOffset) => Time.Select(time => (object?)time),
            _ when type == typeof(IpAddress) => Address.Select(address => (object?)address),
            _ when type == typeof(IpEndpoint) => Gen.OneOf(Gen.Constant(default(IpEndpoint)),
                Address.Where(address => address != default).SelectMany(address => Gen.Choose(0, 65535).Select(port => new IpEndpoint(address, (ushort)port))))
                .Select(endpoint => (object?)endpoint),
            _ when type == typeof(PortRange) => Gen.Choose(0, 65535).SelectMany(first => Gen.Choose(first, 65535).Select(last => (object?)new PortRange(first, last))),
            _ when IsRecord(type) => RecordOf(type, nullability),
            _ => throw new InvalidOperationException($"no generator of {type}"),
        };
    }

    private static Gen<object?> RecordOf(Type type, NullabilityInfoContext nullability)
    {
        var properties = Settable(type).ToArray();
        var values = properties.Select(property =>
        {
            var generator = Of(property.PropertyType, nullability);
            return !property.PropertyType.IsValueType && nullability.Create(property).ReadState == NullabilityState.Nullable ? OrNull(generator) : generator;
        });
        return Gen.CollectToArray(values, value => value).Select(drawn =>
        {
            var record = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
            for (var i = 0; i < properties.Length; i++)
                properties[i].SetValue(record, drawn[i]);
            return (object?)record;
        });
    }

    private static Gen<object?> ListOf(Type element, NullabilityInfoContext nullability) =>
        Gen.Choose(0, 2).SelectMany(count => Gen.CollectToArray(Enumerable.Repeat(Of(element, nullability), count), item => item)).Select(items =>
        {
            var array = Array.CreateInstance(element, items.Length);
            for (var i = 0; i < items.Length; i++)
                array.SetValue(items[i], i);
            return typeof(ImmutableArray).GetMethods().First(method => method.Name == "Create" && method.IsGenericMethod
                    && method.GetParameters() is [{ ParameterType: { IsArray: true } }])
                .MakeGenericMethod(element).Invoke(null, [array]);
        });

    private static Gen<object?> OrNull(Gen<object?> generator) => Gen.OneOf(generator, generator, Gen.Constant<object?>(null));

    // Lone surrogates cannot come in: arguments and /proc are decoded, with \xNN for what is not UTF-8.
    private static Gen<string> Text => HostileText.Arbitrary.Generator.Where(text => text.EnumerateRunes().All(rune => rune.Value != 0xfffd));

    private static Gen<DateTimeOffset> Time =>
        from ticks in Gen.Choose(0, 1_000_000_000)
        from minutes in Gen.Choose(-14 * 60, 14 * 60)
        select new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.FromMinutes(minutes)).AddTicks(ticks * 12_345L);

    private static Gen<IpAddress> Address => Gen.OneOf(
        Gen.Constant(default(IpAddress)),
        Gen.Elements(IpAddress.AnyIPv4, IpAddress.AnyIPv6, IpAddress.LoopbackIPv6, IpAddress.LoopbackIPv4.AsIPv6),
        Gen.Choose(0, 255).ArrayOf(4).Select(bytes => IpAddress.FromBytes([.. bytes.Select(b => (byte)b)])),
        Gen.Choose(0, 255).ArrayOf(16).Select(bytes => IpAddress.FromBytes([.. bytes.Select(b => (byte)b)])));

    private static bool IsRecord(Type type) => type.Assembly.GetName().Name!.StartsWith("Bindwise.", StringComparison.Ordinal) && !type.IsEnum
        && type != typeof(IpAddress) && type != typeof(IpEndpoint);

    private static IEnumerable<PropertyInfo> Settable(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance).Where(property => property.CanWrite);
}
