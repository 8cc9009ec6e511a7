using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Bindwise.Conventions.Tests;

/// <summary>
/// Within a project the folders use each other one way only. A folder and what lies in it may know each other: the folder is the front of its
/// own parts.
/// </summary>
public sealed class FolderTests
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields().Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value & 0xffff);

    // What is compiled for browsers has no folders, and does not come along to these tests.
    public static TheoryData<string> Projects =>
        [.. ProjectFile.In("src").Select(static project => project.Name).Where(static name => name != "Bindwise.Browser")];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_OfAProject_UseEachOtherOneWay(string project)
    {
        var uses = UsesOf(project);
        Assert.Empty(uses.Where(use => IsCircular(uses, use)).Select(static use => $"{use.From} -> {use.To}: {use.Example}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Uses_OfTheModel_AreSeen() =>
        Assert.Contains(new FolderUse("Bindwise.Model/Diagnosing/Topics", "Bindwise.Model/Rules", ""), UsesOf("Bindwise.Model"));

    [Fact]
    public void Circle_OfThreeFolders_IsFound()
    {
        HashSet<FolderUse> uses = [new("a", "b", ""), new("b", "c", ""), new("c", "a", ""), new("c", "d", ""), new("e", "a", "")];
        Assert.Equal(["a", "b", "c"], uses.Where(use => IsCircular(uses, use)).Select(static use => use.From).Order(StringComparer.Ordinal));
    }

    private sealed record FolderUse(string From, string To, string Example)
    {
        public bool Equals(FolderUse? other) => other is not null && (From, To) == (other.From, other.To);

        public override int GetHashCode() => (From, To).GetHashCode();
    }

    private static bool IsCircular(HashSet<FolderUse> uses, FolderUse use)
    {
        var reached = new HashSet<string> { use.To };
        for (var before = 0; before != reached.Count;)
        {
            before = reached.Count;
            reached.UnionWith(uses.Where(other => reached.Contains(other.From)).Select(static other => other.To).ToList());
        }
        return reached.Contains(use.From);
    }

    private static HashSet<FolderUse> UsesOf(string project)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, project + ".dll");
        using var image = new PEReader(File.OpenRead(assembly));
        using var symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(assembly, ".pdb")));
        var reader = image.GetMetadataReader();
        var folders = FoldersOf(reader, symbols.GetMetadataReader(), project);
        Assert.NotEmpty(folders);
        var uses = new HashSet<FolderUse>();
        foreach (var handle in reader.TypeDefinitions)
        {
            if (!folders.TryGetValue(Outermost(reader, handle), out var from))
                continue;
            foreach (var used in Used(reader, image, handle))
            {
                if (folders.TryGetValue(Outermost(reader, used), out var to) && !IsWithin(from, to) && !IsWithin(to, from))
                    uses.Add(new FolderUse(from, to, $"{Name(reader, Outermost(reader, handle))} uses {Name(reader, Outermost(reader, used))}"));
            }
        }
        return uses;
    }

    private static bool IsWithin(string folder, string other) => (folder + "/").StartsWith(other + "/", StringComparison.Ordinal);

    private static string Name(MetadataReader reader, TypeDefinitionHandle type) => reader.GetString(reader.GetTypeDefinition(type).Name);

    private static TypeDefinitionHandle Outermost(MetadataReader reader, TypeDefinitionHandle type)
    {
        while (reader.GetTypeDefinition(type).GetDeclaringType() is { IsNil: false } outer)
            type = outer;
        return type;
    }

    /// <summary>The folder of each type that no other contains: by its methods' lines, or, where it has none, by the document that is noted for it.</summary>
    private static Dictionary<TypeDefinitionHandle, string> FoldersOf(MetadataReader reader, MetadataReader symbols, string project)
    {
        var noted = symbols.CustomDebugInformation.Select(symbols.GetCustomDebugInformation)
            .Where(info => info.Parent.Kind == HandleKind.TypeDefinition && symbols.GetGuid(info.Kind) == TypeDefinitionDocuments)
            .ToDictionary(static info => (TypeDefinitionHandle)info.Parent, info => MetadataTokens.DocumentHandle(symbols.GetBlobReader(info.Value).ReadCompressedInteger()));
        var folders = new Dictionary<TypeDefinitionHandle, string>();
        foreach (var type in reader.TypeDefinitions)
        {
            var documents = reader.GetTypeDefinition(type).GetMethods().Select(method => symbols.GetMethodDebugInformation(method).Document).Where(static document => !document.IsNil);
            if (noted.TryGetValue(type, out var document))
                documents = documents.Append(document);
            var path = documents.Select(found => symbols.GetString(symbols.GetDocument(found).Name).Replace('\\', '/')).FirstOrDefault(path => path.Contains($"/src/{project}/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal));
            if (path is not null)
                folders.TryAdd(Outermost(reader, type), path[(path.IndexOf($"/src/{project}/", StringComparison.Ordinal) + 5)..path.LastIndexOf('/')]);
        }
        return folders;
    }

    /// <summary>The portable PDB format's "Type Definition Documents".</summary>
    private static readonly Guid TypeDefinitionDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private static HashSet<TypeDefinitionHandle> Used(MetadataReader reader, PEReader image, TypeDefinitionHandle handle)
    {
        var found = new HashSet<TypeDefinitionHandle>();
        var collector = new TypeCollector(reader, found);
        var type = reader.GetTypeDefinition(handle);
        collector.Add(type.BaseType);
        foreach (var implemented in type.GetInterfaceImplementations())
            collector.Add(reader.GetInterfaceImplementation(implemented).Interface);
        foreach (var field in type.GetFields())
            reader.GetFieldDefinition(field).DecodeSignature(collector, null);
        foreach (var methodHandle in type.GetMethods())
        {
            var method = reader.GetMethodDefinition(methodHandle);
            method.DecodeSignature(collector, null);
            if (method.RelativeVirtualAddress == 0)
                continue;
            var body = image.GetMethodBody(method.RelativeVirtualAddress);
            if (!body.LocalSignature.IsNil)
                reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(collector, null);
            AddTokens(body.GetILReader(), collector);
        }
        return found;
    }

    private static void AddTokens(BlobReader code, TypeCollector collector)
    {
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            if (value == 0xfe)
                value = 0xfe00 | code.ReadByte();
            switch (Codes[value].OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    collector.Add(MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    var targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    code.Offset += 8;
                    break;
                case OperandType.InlineBrTarget or OperandType.InlineI or OperandType.InlineSig or OperandType.InlineString or OperandType.ShortInlineR:
                    code.Offset += 4;
                    break;
                case OperandType.InlineVar:
                    code.Offset += 2;
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    code.Offset += 1;
                    break;
            }
        }
    }

    /// <summary>Collects the types of this assembly that signatures and tokens name.</summary>
    private sealed class TypeCollector(MetadataReader reader, HashSet<TypeDefinitionHandle> found) : ISignatureTypeProvider<bool, object?>
    {
        public void Add(EntityHandle handle)
        {
            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    found.Add((TypeDefinitionHandle)handle);
                    break;
                case HandleKind.TypeSpecification:
                    reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.MethodDefinition:
                    var method = reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                    // What an instance method belongs to is known already by whoever has the instance; the compiler's own calls name it all the same.
                    if (method.Attributes.HasFlag(System.Reflection.MethodAttributes.Static) || reader.GetString(method.Name) == ".ctor")
                        found.Add(method.GetDeclaringType());
                    break;
                case HandleKind.FieldDefinition:
                    var field = reader.GetFieldDefinition((FieldDefinitionHandle)handle);
                    if (field.Attributes.HasFlag(System.Reflection.FieldAttributes.Static))
                        found.Add(field.GetDeclaringType());
                    break;
                case HandleKind.MemberReference:
                    Add(reader.GetMemberReference((MemberReferenceHandle)handle).Parent);
                    break;
                case HandleKind.MethodSpecification:
                    var generic = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    generic.DecodeSignature(this, null);
                    Add(generic.Method);
                    break;
            }
        }

        public bool GetTypeFromDefinition(MetadataReader from, TypeDefinitionHandle handle, byte rawTypeKind) => found.Add(handle);

        public bool GetTypeFromSpecification(MetadataReader from, object? context, TypeSpecificationHandle handle, byte rawTypeKind) =>
            from.GetTypeSpecification(handle).DecodeSignature(this, context);

        public bool GetTypeFromReference(MetadataReader from, TypeReferenceHandle handle, byte rawTypeKind) => true;

        public bool GetArrayType(bool element, ArrayShape shape) => element;

        public bool GetByReferenceType(bool element) => element;

        public bool GetFunctionPointerType(MethodSignature<bool> signature) => true;

        public bool GetGenericInstantiation(bool generic, ImmutableArray<bool> arguments) => generic;

        public bool GetGenericMethodParameter(object? context, int index) => true;

        public bool GetGenericTypeParameter(object? context, int index) => true;

        public bool GetModifiedType(bool modifier, bool unmodified, bool isRequired) => unmodified;

        public bool GetPinnedType(bool element) => element;

        public bool GetPointerType(bool element) => element;

        public bool GetPrimitiveType(PrimitiveTypeCode code) => true;

        public bool GetSZArrayType(bool element) => element;
    }
}
