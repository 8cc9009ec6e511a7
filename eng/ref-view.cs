// What users of the packages compile against: of the rooms that the library's own assemblies are built from (Bindwise.Model and the like) only the
// types that a public member of a package leads to. Every other type of a room is made internal in the copy for compilers (ref/ of the package); the
// assemblies that run (lib/) stay as they are.
//
//   dotnet run eng/ref-view.cs -- FOLDER OUT PACKAGE...    FOLDER: reference assemblies; PACKAGE: the names of those that are packages themselves
//   dotnet run eng/ref-view.cs -- FOLDER --list PACKAGE... prints the types that stay public, with the assembly
#:property TargetFramework=net10.0
#:property RestorePackagesWithLockFile=false
#:property RunAnalyzers=false
#:property PublishAot=false
#:property EnforceCodeStyleInBuild=false
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

var (folder, target, packages) = (args[0], args[1], args[2..].ToHashSet());
var rooms = Directory.GetFiles(folder, "Bindwise*.dll").Order(StringComparer.Ordinal).ToDictionary(static file => Path.GetFileNameWithoutExtension(file)!, static file => new Room(file));
var reached = new HashSet<(Room Room, TypeDefinitionHandle Type)>();
var open = new Queue<(Room Room, TypeDefinitionHandle Type)>();
foreach (var package in packages)
{
    var room = rooms[package];
    foreach (var handle in room.Reader.TypeDefinitions.Where(room.IsPublic))
        Reach(room, handle);
}
// Extension methods are no part of the type that they extend.
foreach (var room in rooms.Values)
{
    foreach (var handle in room.Reader.TypeDefinitions.Where(room.ExtendsDiagnoses))
        Reach(room, handle);
}
while (open.TryDequeue(out var next))
    Walk(next.Room, next.Type);

if (target == "--list")
{
    foreach (var line in reached.Select(static one => $"{one.Room.Name} {one.Room.NameOf(one.Type)}").Order(StringComparer.Ordinal))
        Console.WriteLine(line);
    return;
}
Directory.CreateDirectory(target);
foreach (var (name, room) in rooms)
{
    var bytes = room.Bytes.ToArray();
    if (!packages.Contains(name))
    {
        foreach (var handle in room.Reader.TypeDefinitions.Where(room.IsPublic).Where(handle => !reached.Contains((room, handle))))
            room.Hide(bytes, handle);
    }
    File.WriteAllBytes(Path.Combine(target, name + ".dll"), bytes);
    Console.WriteLine($"{name}: {reached.Count(one => one.Room == room)} of {room.Reader.TypeDefinitions.Count(room.IsPublic)} public types");
}

void Reach(Room room, TypeDefinitionHandle handle)
{
    if (reached.Add((room, handle)))
        open.Enqueue((room, handle));
}

void Walk(Room room, TypeDefinitionHandle handle)
{
    var reader = room.Reader;
    var type = reader.GetTypeDefinition(handle);
    var see = new Seen(name => rooms.GetValueOrDefault(name), room, Reach);
    see.Entity(type.BaseType);
    foreach (var one in type.GetInterfaceImplementations())
        see.Entity(reader.GetInterfaceImplementation(one).Interface);
    see.Constraints(type.GetGenericParameters());
    if (!type.GetDeclaringType().IsNil)
        Reach(room, type.GetDeclaringType());
    foreach (var one in type.GetNestedTypes())
    {
        if (room.IsPublic(one))
            Reach(room, one);
    }
    foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
    {
        if ((field.Attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem)
            field.DecodeSignature(see, null);
    }
    foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition))
    {
        if ((method.Attributes & MethodAttributes.MemberAccessMask) is not (MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem))
            continue;
        method.DecodeSignature(see, null);
        see.Constraints(method.GetGenericParameters());
    }
}

/// <summary>One assembly, and its bytes.</summary>
internal sealed class Room : IDisposable
{
    private readonly PEReader _image;

    public Room(string file)
    {
        Name = Path.GetFileNameWithoutExtension(file);
        Bytes = [.. File.ReadAllBytes(file)];
        _image = new PEReader(Bytes);
        Reader = _image.GetMetadataReader();
    }

    public void Dispose() => _image.Dispose();

    public string Name { get; }

    public ImmutableArray<byte> Bytes { get; }

    public MetadataReader Reader { get; }

    public bool IsPublic(TypeDefinitionHandle handle)
    {
        var type = Reader.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic => IsPublic(type.GetDeclaringType()),
            _ => false,
        };
    }

    /// <summary>A static class of extension methods in the namespace that users know.</summary>
    public bool ExtendsDiagnoses(TypeDefinitionHandle handle) => IsPublic(handle)
        && Reader.StringComparer.Equals(Reader.GetTypeDefinition(handle).Namespace, "Bindwise.Diagnostics")
        && Reader.GetTypeDefinition(handle).GetCustomAttributes().Any(attribute => IsExtension(Reader.GetCustomAttribute(attribute).Constructor));

    private bool IsExtension(EntityHandle constructor) => constructor.Kind == HandleKind.MemberReference
        && Reader.GetMemberReference((MemberReferenceHandle)constructor).Parent is { Kind: HandleKind.TypeReference } parent
        && Reader.StringComparer.Equals(Reader.GetTypeReference((TypeReferenceHandle)parent).Name, "ExtensionAttribute");

    public string NameOf(TypeDefinitionHandle handle)
    {
        var type = Reader.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer ? $"{NameOf(outer)}+{Reader.GetString(type.Name)}" : $"{Reader.GetString(type.Namespace)}.{Reader.GetString(type.Name)}";
    }

    public TypeDefinitionHandle? Find(string space, string name)
    {
        foreach (var handle in Reader.TypeDefinitions)
        {
            var type = Reader.GetTypeDefinition(handle);
            if (type.GetDeclaringType().IsNil && Reader.StringComparer.Equals(type.Name, name) && Reader.StringComparer.Equals(type.Namespace, space))
                return handle;
        }
        return null;
    }

    /// <summary>A type of its own gets another visibility: the low bits of the flags, with which a row of the table TypeDef begins (ECMA-335 II.22.37).</summary>
    public void Hide(byte[] bytes, TypeDefinitionHandle handle)
    {
        if (!Reader.GetTypeDefinition(handle).GetDeclaringType().IsNil)
            return;
        var row = _image.PEHeaders.MetadataStartOffset + Reader.GetTableMetadataOffset(TableIndex.TypeDef)
            + ((MetadataTokens.GetRowNumber(handle) - 1) * Reader.GetTableRowSize(TableIndex.TypeDef));
        bytes[row] &= unchecked((byte)~TypeAttributes.VisibilityMask);
    }
}

/// <summary>Reaches every type that a signature names.</summary>
internal sealed class Seen(Func<string, Room?> find, Room room, Action<Room, TypeDefinitionHandle> reach) : ISignatureTypeProvider<bool, object?>
{
    public void Entity(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition when !handle.IsNil:
                reach(room, (TypeDefinitionHandle)handle);
                break;
            case HandleKind.TypeReference when !handle.IsNil:
                GetTypeFromReference(room.Reader, (TypeReferenceHandle)handle, 0);
                break;
            case HandleKind.TypeSpecification when !handle.IsNil:
                room.Reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                break;
        }
    }

    public void Constraints(GenericParameterHandleCollection parameters)
    {
        foreach (var parameter in parameters)
        {
            foreach (var constraint in room.Reader.GetGenericParameter(parameter).GetConstraints())
                Entity(room.Reader.GetGenericParameterConstraint(constraint).Type);
        }
    }

    public bool GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        reach(room, handle);
        return true;
    }

    public bool GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        var type = reader.GetTypeReference(handle);
        if (type.ResolutionScope.Kind == HandleKind.TypeReference)
            return GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0);
        if (type.ResolutionScope.Kind == HandleKind.AssemblyReference
            && find(reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name)) is { } other
            && other.Find(reader.GetString(type.Namespace), reader.GetString(type.Name)) is { } found)
            reach(other, found);
        return true;
    }

    public bool GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public bool GetSZArrayType(bool elementType) => true;

    public bool GetArrayType(bool elementType, ArrayShape shape) => true;

    public bool GetByReferenceType(bool elementType) => true;

    public bool GetPointerType(bool elementType) => true;

    public bool GetPinnedType(bool elementType) => true;

    public bool GetGenericInstantiation(bool genericType, ImmutableArray<bool> typeArguments) => true;

    public bool GetGenericMethodParameter(object? genericContext, int index) => true;

    public bool GetGenericTypeParameter(object? genericContext, int index) => true;

    public bool GetFunctionPointerType(MethodSignature<bool> signature) => true;

    public bool GetModifiedType(bool modifier, bool unmodifiedType, bool isRequired) => true;

    public bool GetPrimitiveType(PrimitiveTypeCode typeCode) => true;
}
