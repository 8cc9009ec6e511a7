using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis.CSharp;

namespace Bindwise.Packages.Tests.Surface;

/// <summary>
/// The public surface of an assembly, a line a member: what a review has to see when it changes. What the compiler writes for records stands
/// as the word record.
/// </summary>
internal static class PublicSurface
{
    private static readonly Dictionary<string, string> Operators = new()
    {
        ["op_Equality"] = "==",
        ["op_Inequality"] = "!=",
        ["op_LessThan"] = "<",
        ["op_LessThanOrEqual"] = "<=",
        ["op_GreaterThan"] = ">",
        ["op_GreaterThanOrEqual"] = ">=",
        ["op_Implicit"] = "implicit",
        ["op_Explicit"] = "explicit",
    };

    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>All of it, in a fixed order.</summary>
    public static string Of(Assembly assembly)
    {
        var lines = new List<string>();
        foreach (var type in assembly.GetExportedTypes().OrderBy(static type => type.FullName, StringComparer.Ordinal))
        {
            var name = (type.Namespace is { } space ? space + "." : "") + TypeNames.Of(type);
            lines.Add($"{Kind(type)} {name}{Bases(type)}");
            lines.AddRange(MembersOf(type).Select(static member => "    " + member).Order(StringComparer.Ordinal));
        }
        return string.Concat(lines.Select(static line => line + "\n"));
    }

    /// <summary>Members that callers and heirs see, without what the compiler adds.</summary>
    public static IEnumerable<MemberInfo> Visible(Type type) => type.GetMembers(Declared).Where(static member => IsVisible(member) && !IsSynthesized(member));

    private static string Kind(Type type)
    {
        var modifiers = type switch
        {
            { IsEnum: true } or { IsInterface: true } => "",
            { IsAbstract: true, IsSealed: true } => "static ",
            { IsValueType: true } => type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "",
            { IsAbstract: true } => "abstract ",
            { IsSealed: true } => "sealed ",
            _ => "",
        };
        var isRecord = type.GetMethod("<Clone>$") is not null || type.GetMethod("PrintMembers", Declared) is not null;
        var word = type.IsEnum ? "enum" : type.IsInterface ? "interface" : typeof(Delegate).IsAssignableFrom(type) ? "delegate" : type.IsValueType ? "struct" : "class";
        return modifiers + (isRecord ? "record " : "") + word;
    }

    private static string Bases(Type type)
    {
        if (type.IsEnum)
            return " : " + TypeNames.Of(Enum.GetUnderlyingType(type));
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            bases.Add(TypeNames.Of(parent));
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        bases.AddRange(type.GetInterfaces().Except(inherited).Where(static one => one.IsPublic).Select(TypeNames.Of).Order(StringComparer.Ordinal));
        return bases.Count == 0 ? "" : " : " + string.Join(", ", bases);
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum)
            return type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => string.Create(CultureInfo.InvariantCulture, $"{field.Name} = {field.GetRawConstantValue()}"));
        return Visible(type).Where(static member => member is not Type).Select(Write);
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => IsVisible(method) && (!method.IsSpecialName || method.IsConstructor || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo one => one.AddMethod is { } add && IsVisible(add),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        Type type => type.IsNestedPublic,
        _ => false,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsSynthesized(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        || member is PropertyInfo { Name: "EqualityContract" }
        || (member is ConstructorInfo constructor && constructor.GetParameters() is [var only] && only.ParameterType == constructor.DeclaringType && constructor.IsFamily);

    /// <summary>One member, as C# writes it.</summary>
    public static string Write(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Access(constructor)}{constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)})",
        MethodInfo { Name: "op_Implicit" or "op_Explicit" } method => $"{Access(method)}{Operators[method.Name]} operator {TypeNames.Of(method.ReturnParameter)}({Parameters(method)})",
        MethodInfo method => $"{Access(method)}{TypeNames.Of(method.ReturnParameter)} {(Operators.TryGetValue(method.Name, out var sign) ? "operator " + sign : method.Name)}{Generics(method)}({Parameters(method)})",
        PropertyInfo property => $"{Access(property.GetAccessors(true)[0])}{(property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}{TypeNames.Of(property.PropertyType, new NullabilityInfoContext().Create(property))} {Name(property)} {{{Accessors(property)} }}",
        EventInfo one => $"{Access(one.AddMethod!)}event {TypeNames.Of(one.EventHandlerType!)} {one.Name}",
        FieldInfo field => $"{(field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : ""))}{TypeNames.Of(field.FieldType, new NullabilityInfoContext().Create(field))} {field.Name}{Constant(field)}",
        _ => member.Name,
    };

    /// <summary>An indexer is called Item in the metadata, and this in C#. Only the parameters of its accessors know what may be null.</summary>
    private static string Name(PropertyInfo property) => property.GetIndexParameters().Length is > 0 and var count
        ? $"this[{string.Join(", ", property.GetAccessors(nonPublic: true)[0].GetParameters().Take(count).Select(Write))}]"
        : property.Name;

    private static string Constant(FieldInfo field) => field.IsLiteral ? string.Create(CultureInfo.InvariantCulture, $" = {Value(field.GetRawConstantValue())}") : "";

    private static string Access(MethodBase method)
    {
        var words = method.IsPublic ? "" : "protected ";
        words += method.IsStatic ? "static " : "";
        if (method is MethodInfo one && method.DeclaringType is { IsInterface: false } && !method.IsStatic)
            words += one.GetBaseDefinition().DeclaringType != one.DeclaringType ? "override " : method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal ? "virtual " : "";
        return words;
    }

    private static string Accessors(PropertyInfo property)
    {
        var getter = property.GetMethod is { } get && IsVisible(get) ? " get;" : "";
        if (property.SetMethod is not { } set || !IsVisible(set))
            return getter;
        var isInit = set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
        return getter + (isInit ? " init;" : " set;");
    }

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(static one => one.Name))}>" : "";

    private static string Parameters(MethodBase method)
    {
        var isExtension = method.IsDefined(typeof(ExtensionAttribute), false);
        return string.Join(", ", method.GetParameters().Select((parameter, index) => (isExtension && index == 0 ? "this " : "") + Write(parameter)));
    }

    private static string Write(ParameterInfo parameter)
    {
        var direction = parameter.IsOut ? "out " : parameter.ParameterType.IsByRef ? parameter.IsIn ? "in " : "ref " : "";
        var many = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        var fallback = parameter.HasDefaultValue ? " = " + Default(parameter) : "";
        return $"{many}{direction}{TypeNames.Of(parameter)} {parameter.Name}{fallback}";
    }

    private static string Default(ParameterInfo parameter) => parameter switch
    {
        { RawDefaultValue: null, ParameterType: { IsValueType: true } type } when Nullable.GetUnderlyingType(type) is null => "default",
        { RawDefaultValue: { } number, ParameterType: { IsEnum: true } type } => OfEnum(type, Enum.ToObject(type, number).ToString()!),
        var other => Value(other.RawDefaultValue),
    };

    // Flags come as "A, B", and a value without a name as its number.
    private static string OfEnum(Type type, string value) => int.TryParse(value, CultureInfo.InvariantCulture, out _)
        ? $"({TypeNames.Of(type)}){value}"
        : string.Join(" | ", value.Split(", ").Select(name => $"{TypeNames.Of(type)}.{name}"));

    private static string Value(object? value) => value switch
    {
        null => "null",
        string or char => SymbolDisplay.FormatPrimitive(value, quoteStrings: true, useHexadecimalNumbers: false)!,
        bool flag => flag ? "true" : "false",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
