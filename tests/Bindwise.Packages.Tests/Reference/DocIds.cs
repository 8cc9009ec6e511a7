using System.Reflection;

namespace Bindwise.Packages.Tests.Reference;

/// <summary>The ids by which the compiler's documentation file names members (ECMA-334 annex D.4.2).</summary>
internal static class DocIds
{
    /// <summary>A type's or a member's id.</summary>
    public static string Of(MemberInfo member) => member switch
    {
        Type type => "T:" + Name(type),
        ConstructorInfo constructor => $"M:{Name(constructor.DeclaringType!)}.{(constructor.IsStatic ? "#cctor" : "#ctor")}{Parameters(constructor)}",
        MethodInfo method => $"M:{Name(method.DeclaringType!)}.{method.Name}{(method.IsGenericMethod ? "``" + method.GetGenericArguments().Length : "")}{Parameters(method)}{Conversion(method)}",
        PropertyInfo property => $"P:{Name(property.DeclaringType!)}.{property.Name}{Indices(property)}",
        EventInfo one => $"E:{Name(one.DeclaringType!)}.{one.Name}",
        FieldInfo field => $"F:{Name(field.DeclaringType!)}.{field.Name}",
        _ => throw new ArgumentException($"no id is known for {member}", nameof(member)),
    };

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string Conversion(MethodInfo method) => method.Name is "op_Implicit" or "op_Explicit" ? "~" + Use(method.ReturnType) : "";

    private static string Indices(PropertyInfo property) =>
        property.GetIndexParameters() is { Length: > 0 } indices ? $"({string.Join(',', indices.Select(static one => Use(one.ParameterType)))})" : "";

    private static string Parameters(MethodBase method) =>
        method.GetParameters() is { Length: > 0 } parameters ? $"({string.Join(',', parameters.Select(static one => Use(one.ParameterType)))})" : "";

    private static string Use(Type type)
    {
        if (type.IsByRef)
            return Use(type.GetElementType()!) + "@";
        if (type.IsArray)
            return Use(type.GetElementType()!) + "[]";
        if (type.IsGenericParameter)
            return (type.DeclaringMethod is null ? "`" : "``") + type.GenericParameterPosition;
        if (!type.IsGenericType)
            return Name(type);
        var bare = Name(type);
        return $"{bare[..bare.IndexOf('`', StringComparison.Ordinal)]}{{{string.Join(',', type.GetGenericArguments().Select(Use))}}}";
    }
}
