using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Bindwise.Packages.Tests.Surface;

namespace Bindwise.Packages.Tests.Reference;

/// <summary>The reference of one room, from its docstrings: a section a type, an entry a member.</summary>
internal sealed class ReferencePage
{
    private readonly Dictionary<string, XElement> _docs;
    private readonly Assembly _assembly;
    private readonly List<string> _missing = [];

    /// <summary>Reads a room's docstrings.</summary>
    public ReferencePage(string room)
    {
        _assembly = Shipped.Assembly(room);
        _docs = DocsOf(room);
    }

    /// <summary>What its reader knows it by: the room, or the namespace of what a diagnosis is made of.</summary>
    public string Title => _assembly == typeof(Diagnosis).Assembly ? typeof(Diagnosis).Namespace! : _assembly.GetName().Name!;

    /// <summary>Members without a docstring, by their ids; filled by <see cref="Render"/>.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>The page.</summary>
    public string Render()
    {
        _missing.Clear();
        var text = new StringBuilder($"# {Title}\n\nWritten from the docstrings (`BINDWISE_WRITE_PAGES=1 dotnet test tests/Bindwise.Packages.Tests`). Do not edit.\n");
        foreach (var type in _assembly.GetExportedTypes().OrderBy(TypeNames.Of, StringComparer.Ordinal))
            Append(text, type);
        return text.ToString();
    }

    private void Append(StringBuilder text, Type type)
    {
        var doc = DocOf(type);
        text.Append($"\n## {TypeNames.Of(type).Replace("<", "\\<", StringComparison.Ordinal)}\n\n{DocText.Of(doc?.Element("summary"))}\n");
        AppendParts(text, doc);
        if (type.IsEnum)
        {
            text.Append("\n| value | meaning |\n| --- | --- |\n");
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
                text.Append($"| `{field.Name}` | {DocText.Of(DocOf(field)?.Element("summary"))} |\n");
            return;
        }
        foreach (var member in PublicSurface.Visible(type).Concat(FromOtherRooms(type)).Where(static one => one is not Type).OrderBy(Order).ThenBy(static one => one.Name, StringComparer.Ordinal).ThenBy(DocIds.Of, StringComparer.Ordinal))
            Append(text, member, doc);
    }

    private void Append(StringBuilder text, MemberInfo member, XElement? ofType)
    {
        // A record's parameters are told with the type, and a constructor that nobody wrote has nothing to tell.
        if (IsOfPrimaryConstructor(member, ofType) || (member is ConstructorInfo plain && plain.GetParameters().Length == 0 && !_docs.ContainsKey(DocIds.Of(plain))))
            return;
        var doc = DocOf(member);
        text.Append($"\n### `{PublicSurface.Write(member)}`\n\n{DocText.Of(doc?.Element("summary"))}\n");
        AppendParts(text, doc);
    }

    // A base type in another room is on no page of its own: its properties are listed with the derived type.
    private List<MemberInfo> FromOtherRooms(Type type)
    {
        if (type.BaseType is not { } parent || parent.Assembly == _assembly || !Shipped.Rooms.Contains(parent.Assembly.GetName().Name!))
            return [];
        foreach (var (id, doc) in DocsOf(parent.Assembly.GetName().Name!))
            _docs.TryAdd(id, doc);
        return [.. PublicSurface.Visible(parent).Where(static one => one is PropertyInfo)];
    }

    private static Dictionary<string, XElement> DocsOf(string room) =>
        XDocument.Load(Shipped.Documentation(room)).Descendants("member").ToDictionary(static one => one.Attribute("name")!.Value);

    private static void AppendParts(StringBuilder text, XElement? doc)
    {
        if (doc is null)
            return;
        var parts = new List<string>();
        if (DocText.Of(doc.Element("remarks")) is { Length: > 0 } remarks)
            text.Append($"\n{remarks}\n");
        parts.AddRange(doc.Elements("typeparam").Concat(doc.Elements("param")).Select(static one => $"- `{one.Attribute("name")!.Value}`: {DocText.Of(one)}"));
        if (DocText.Of(doc.Element("returns")) is { Length: > 0 } returns)
            parts.Add($"- returns: {returns}");
        parts.AddRange(doc.Elements("exception").Select(static one => $"- throws `{DocText.NameOf(one.Attribute("cref")!.Value)}`: {DocText.Of(one)}"));
        if (parts.Count > 0)
            text.Append($"\n{string.Join('\n', parts)}\n");
    }

    private XElement? DocOf(MemberInfo member)
    {
        var id = DocIds.Of(member);
        var doc = _docs.GetValueOrDefault(id);
        if (doc?.Elements("inheritdoc").ToList() is { Count: > 0 } inherited)
            return Combined(member, doc, inherited);
        if (doc is null || DocText.Of(doc.Element("summary")).Length == 0)
            _missing.Add(id);
        return doc;
    }

    // What a member says itself comes first; path="/returns" takes that part of the other alone.
    private XElement Combined(MemberInfo member, XElement own, List<XElement> inherited)
    {
        var whole = new XElement("member", own.Elements().Where(static part => part.Name != "inheritdoc"));
        var parameters = member is MethodBase method ? method.GetParameters().Select(static one => one.Name).ToHashSet() : [];
        foreach (var from in inherited)
        {
            var said = from.Attribute("cref") is { } other && _docs.TryGetValue(other.Value, out var there) ? there : Inherited(member);
            var path = from.Attribute("path")?.Value.TrimStart('/');
            whole.Add(said.Elements().Where(part => path is null || part.Name == path)
                .Where(part => part.Name != "param" || parameters.Contains(part.Attribute("name")?.Value))
                .Where(part => !whole.Elements(part.Name).Any(mine => (string?)mine.Attribute("name") == (string?)part.Attribute("name")
                    && (string?)mine.Attribute("cref") == (string?)part.Attribute("cref"))).ToList());
        }
        return whole;
    }

    // What the framework documents is said by its name.
    private XElement Inherited(MemberInfo member)
    {
        var contract = member.DeclaringType!.GetInterfaces().SelectMany(static one => one.GetMembers()).FirstOrDefault(one => one.Name == member.Name)
            ?? member.DeclaringType.BaseType?.GetMember(member.Name).FirstOrDefault();
        return contract is not null && _docs.TryGetValue(DocIds.Of(contract), out var said)
            ? said
            : new XElement("member", new XElement("summary", $"As in {(contract?.DeclaringType ?? member.DeclaringType).Name.Split('`')[0]}."));
    }

    private static bool IsOfPrimaryConstructor(MemberInfo member, XElement? ofType) => ofType is not null && member switch
    {
        PropertyInfo property => ofType.Elements("param").Any(one => one.Attribute("name")!.Value == property.Name),
        ConstructorInfo constructor => constructor.GetParameters() is { Length: > 0 } parameters
            && parameters.All(parameter => ofType.Elements("param").Any(one => one.Attribute("name")!.Value == parameter.Name)),
        _ => false,
    };

    private static int Order(MemberInfo member) => member switch
    {
        ConstructorInfo => 0,
        FieldInfo => 1,
        PropertyInfo => 2,
        EventInfo => 3,
        _ => 4,
    };
}
