using System.Reflection;

namespace Bindwise.Packages.Tests.Surface;

/// <summary>Types as C# writes them, with what may be null.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Words = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(char)] = "char",
        [typeof(decimal)] = "decimal",
        [typeof(double)] = "double",
        [typeof(float)] = "float",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>A type without what its use says about null.</summary>
    public static string Of(Type type) => Write(type, null);

    /// <summary>A type as it is used.</summary>
    public static string Of(Type type, NullabilityInfo use) => Write(type, use);

    /// <summary>What a parameter, property, field or return value is, with its null.</summary>
    public static string Of(ParameterInfo parameter) => Write(parameter.ParameterType, new NullabilityInfoContext().Create(parameter));

    private static string Write(Type type, NullabilityInfo? use)
    {
        if (type.IsByRef)
            return Write(type.GetElementType()!, use?.ElementType ?? use);
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Write(value, null) + "?";
        var mark = !type.IsValueType && use?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
            return Write(type.GetElementType()!, use?.ElementType) + "[]" + mark;
        if (type.IsGenericParameter || Words.ContainsKey(type))
            return (Words.TryGetValue(type, out var word) ? word : type.Name) + mark;
        return Qualified(type, use) + mark;
    }

    private static string Qualified(Type type, NullabilityInfo? use)
    {
        var name = type.Name.Split('`')[0];
        var arguments = type.GetGenericArguments();
        var outer = type.IsNested ? Qualified(type.DeclaringType!, null) + "." : "";
        var own = arguments.Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0).ToList();
        if (own.Count == 0)
            return outer + name;
        var written = own.Select((argument, index) => Write(argument, use?.GenericTypeArguments.ElementAtOrDefault(index)));
        return $"{outer}{name}<{string.Join(", ", written)}>";
    }
}
