using System.Reflection;

namespace Bindwise.Packages.Tests.Reach;

/// <summary>
/// What code of ours may run once a public member of some packages is called. More than does, never less: of each type that is named anywhere, what
/// overrides or implements something, its static constructor and its state machines count too.
/// </summary>
internal sealed class CallGraph
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private readonly Dictionary<MethodBase, MethodBase?> _reached = [];
    private readonly HashSet<Type> _types = [];
    private readonly Queue<MethodBase> _open = new();

    /// <summary>Follows all calls from what users of the packages can call.</summary>
    public CallGraph(params string[] packages)
    {
        foreach (var type in packages.SelectMany(static package => Shipped.Assembly(package).GetExportedTypes()))
        {
            foreach (var method in MethodsOf(type).Where(static one => one.IsPublic || one.IsFamily || one.IsFamilyOrAssembly))
                Reach(method, null);
        }
        while (_open.TryDequeue(out var next))
        {
            foreach (var member in Instructions.Named(next))
                Reach(member, next);
        }
    }

    /// <summary>How many methods were followed.</summary>
    public int Count => _reached.Count;

    /// <summary>The calls that lead to a method, from the public one; empty if none do.</summary>
    /// <param name="type">The full name of its type.</param>
    /// <param name="name">Its name.</param>
    public IReadOnlyList<string> WayTo(string type, string name)
    {
        var way = new List<string>();
        for (var at = _reached.Keys.FirstOrDefault(one => one.DeclaringType?.FullName == type && one.Name == name); at is not null; at = _reached[at])
            way.Insert(0, $"{at.DeclaringType?.FullName}.{at.Name}");
        return way;
    }

    /// <summary>The types whose methods call a method themselves.</summary>
    /// <param name="type">The full name of its type.</param>
    /// <param name="name">Its name.</param>
    public IEnumerable<string> CallersOf(string type, string name) => _reached.Keys
        .Where(one => Instructions.Named(one).Any(called => called is MethodBase && called.DeclaringType?.FullName == type && called.Name == name))
        .Select(static one => Outermost(one.DeclaringType!).FullName!).Distinct().Order(StringComparer.Ordinal);

    private void Reach(MemberInfo member, MethodBase? from)
    {
        switch (member)
        {
            case Type type:
                Reach(type, from);
                break;
            case MethodBase method:
                Reach(method, from);
                break;
            case FieldInfo { DeclaringType: { } type }:
                Reach(type, from);
                break;
        }
    }

    private void Reach(MethodBase method, MethodBase? from)
    {
        var plain = Definition(method);
        // What is not ours is named in the callers alone.
        if (!_reached.TryAdd(plain, from) || plain.DeclaringType is not { } type || !IsOurs(type))
            return;
        _open.Enqueue(plain);
        Reach(type, plain);
        // Type arguments are made and called by generic code.
        foreach (var argument in (method.IsGenericMethod ? method.GetGenericArguments() : []).Concat(method.DeclaringType!.GetGenericArguments()))
            Reach(argument, plain);
    }

    private void Reach(Type type, MethodBase? from)
    {
        while (type.HasElementType)
            type = type.GetElementType()!;
        foreach (var argument in type.GetGenericArguments().Where(static one => !one.IsGenericParameter))
            Reach(argument, from);
        var plain = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (!IsOurs(plain) || !_types.Add(plain))
            return;
        foreach (var method in MethodsOf(plain).Where(static one => one.IsVirtual || one is ConstructorInfo { IsStatic: true }))
            Reach(method, from);
        if (plain.BaseType is { } parent)
            Reach(parent, from);
    }

    private static IEnumerable<MethodBase> MethodsOf(Type type) => type.GetMembers(All).OfType<MethodBase>();

    private static MethodBase Definition(MethodBase method) => method.IsGenericMethod || method.DeclaringType is { IsGenericType: true }
        ? method.Module.ResolveMethod(method.MetadataToken)! : method;

    private static bool IsOurs(Type type) => !type.IsGenericParameter && type.Assembly.GetName().Name!.StartsWith("Bindwise", StringComparison.Ordinal);

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
