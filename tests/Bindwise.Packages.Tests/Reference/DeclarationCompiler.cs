using System.Globalization;
using System.Reflection;
using System.Text;
using Bindwise.Packages.Tests.Surface;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Bindwise.Packages.Tests.Reference;

/// <summary>Compiles members as they are written for a reader, without bodies, each type's as a type of its own.</summary>
internal static class DeclarationCompiler
{
    // What there is no base for, which is not written with the members.
    private const string NothingToOverride = "CS0115";

    /// <summary>What this process is made of: the framework, and what ships.</summary>
    public static MetadataReference[] References { get; } =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static file => MetadataReference.CreateFromFile(file))];

    /// <summary>What the compiler says against them.</summary>
    public static IReadOnlyList<string> Faults(IEnumerable<(Type Type, IEnumerable<string> Declarations)> types)
    {
        var all = types.ToList();
        var sources = all.Select((one, index) => CSharpSyntaxTree.ParseText(Source(one.Type, one.Declarations, index), new CSharpParseOptions(LanguageVersion.Preview)));
        var compilation = CSharpCompilation.Create("Declarations", sources, References, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        return [.. compilation.GetDiagnostics().Where(static fault => fault.Severity == DiagnosticSeverity.Error && fault.Id != NothingToOverride).Select(Report)];
    }

    private static string Source(Type type, IEnumerable<string> declarations, int index)
    {
        var name = type.Name.Split('`')[0];
        var generics = type.IsGenericTypeDefinition ? $"<{string.Join(", ", type.GetGenericArguments().Select(static one => one.Name))}>" : "";
        var isStatic = type is { IsAbstract: true, IsSealed: true };
        var kind = type.IsInterface ? "interface" : isStatic ? "static class" : type.IsValueType ? "struct" : "abstract class";
        var usings = string.Concat(SpacesOf(type).Select(static space => $"using {space};\n"));
        // A namespace of its own: what members name is the shipped type, also of the same name.
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"#nullable enable\n{usings}namespace Declared{index};\npublic {kind} {name}{generics}\n{{\n"));
        foreach (var declaration in declarations)
        {
            var isField = !declaration.Contains('(', StringComparison.Ordinal) && !declaration.Contains('{', StringComparison.Ordinal);
            var isBodiless = type.IsInterface || isField || declaration.StartsWith("const ", StringComparison.Ordinal) || declaration.Contains("abstract ", StringComparison.Ordinal);
            var access = type.IsInterface || declaration.StartsWith("protected ", StringComparison.Ordinal) ? "" : "public ";
            text.Append(access).Append(isBodiless ? "" : "extern ").Append(declaration).Append(declaration.EndsWith('}') ? "" : ";").Append('\n');
        }
        return text.Append("}\n").ToString();
    }

    // Those of what the members name: two types of one name in other namespaces are no fault of a declaration.
    private static IEnumerable<string> SpacesOf(Type type) =>
        PublicSurface.Visible(type).SelectMany(Named).SelectMany(Parts).Select(static one => one.Namespace).OfType<string>().Concat(["System", "System.Collections.Generic"]).Distinct();

    private static IEnumerable<Type> Named(MemberInfo member) => member switch
    {
        MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(static one => one.ParameterType)],
        ConstructorInfo constructor => constructor.GetParameters().Select(static one => one.ParameterType),
        PropertyInfo property => [property.PropertyType, .. property.GetIndexParameters().Select(static one => one.ParameterType)],
        FieldInfo field => [field.FieldType],
        EventInfo one => [one.EventHandlerType!],
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.IsGenericType ? [type, .. type.GetGenericArguments().SelectMany(Parts)] : [type];

    private static string Report(Diagnostic fault)
    {
        var line = fault.Location.GetLineSpan().StartLinePosition.Line;
        return $"{fault.Location.SourceTree?.GetText().Lines[line]}: {fault.Id} {fault.GetMessage(CultureInfo.InvariantCulture)}";
    }
}
