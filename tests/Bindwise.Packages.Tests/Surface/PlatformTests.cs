using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Bindwise.Packages.Tests.Reference;

namespace Bindwise.Packages.Tests.Surface;

/// <summary>What works on Linux only says so to the compiler (CA1416), not only to readers and at run time.</summary>
public sealed partial class PlatformTests
{
    // Their values decide: without those that only Linux has, they work everywhere.
    private static readonly HashSet<string> Conditional =
    [
        "M:Bindwise.Listener.Bind(Bindwise.ListenRequest)",
        "M:Bindwise.Listener.BindAsync(Bindwise.ListenRequest,System.Threading.CancellationToken)",
        "M:Bindwise.OutgoingConnector.#ctor(Bindwise.OutgoingOptions)",
        // It answers with a PortQueryException, as for every other question that the system cannot answer.
        "P:Bindwise.PortQuery.As",
    ];

    public static TheoryData<string> Packages => ["Bindwise", "Bindwise.AspNetCore", "Bindwise.Extensions.Hosting", "Bindwise.Testing", "Bindwise.Testing.AspNetCore", "Bindwise.Tools"];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Member_WhoseDocstringSaysLinuxOnly_HasTheAttribute(string package)
    {
        var docs = XDocument.Load(Shipped.Documentation(package)).Descendants("member").ToDictionary(static one => one.Attribute("name")!.Value);
        var members = Shipped.Assembly(package).GetExportedTypes().SelectMany(static type => PublicSurface.Visible(type).Prepend(type)).ToList();
        Assert.Empty(members.Where(member => docs.TryGetValue(DocIds.Of(member), out var doc) && IsForLinuxAlone(doc) && !Conditional.Contains(DocIds.Of(member)) && !IsMarked(member)).Select(DocIds.Of));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void PublicMethod_ThatThrowsForOtherSystems_HasTheAttribute(string package)
    {
        var methods = Shipped.Assembly(package).GetExportedTypes().SelectMany(PublicSurface.Visible).OfType<MethodBase>();
        Assert.Empty(methods.Where(static method => ThrowsForOtherSystems(method) && !IsMarked(method)).Select(DocIds.Of));
    }

    // The tests above find something to look at.
    [Fact]
    public void Members_ForLinuxAlone_AreMarked()
    {
        Assert.True(IsMarked(typeof(Testing.PortLease).GetMethod("Take", [typeof(Testing.PortLeaseOptions)])!));
        Assert.True(ThrowsForOtherSystems(typeof(Testing.PortLease).GetMethod("Take", [typeof(int), typeof(Testing.PortLeaseOptions)])!));
        Assert.True(ThrowsForOtherSystems(typeof(ChildServer).GetMethod("Start")!));
        Assert.True(IsMarked(typeof(OutgoingOptions).GetProperty("Ports")!));
        Assert.False(IsMarked(typeof(OutgoingOptions).GetProperty("Sources")!));
        Assert.False(ThrowsForOtherSystems(typeof(PortDiagnostics).GetMethod("ReadUsage")!));
    }

    private static bool IsForLinuxAlone(XElement doc) => doc.Elements("exception").Any(static one => one.Attribute("cref")!.Value.EndsWith(nameof(PlatformNotSupportedException), StringComparison.Ordinal))
        || LinuxOnly().IsMatch(DocText.Of(doc.Element("summary")));

    private static bool IsMarked(MemberInfo member) => IsMarkedItself(member)
        || (member is PropertyInfo property && property.GetAccessors().Any(IsMarkedItself))
        // Whoever has one has called what makes it.
        || (member is Type made && made.GetConstructors().Length == 0 && made.GetMethods(BindingFlags.Public | BindingFlags.Static) is { Length: > 0 } makers && makers.All(IsMarkedItself))
        || (member.DeclaringType is { } type && IsMarked(type));

    private static bool IsMarkedItself(MemberInfo member) => member.GetCustomAttributes<SupportedOSPlatformAttribute>(inherit: false).Any(static one => one.PlatformName == "linux");

    private static bool ThrowsForOtherSystems(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at + 4 < code.Length; at++)
        {
            if (code[at] == (byte)OpCodes.Newobj.Value && Resolve(method, BitConverter.ToInt32(code, at + 1)) == typeof(PlatformNotSupportedException))
                return true;
        }
        return false;
    }

    // A byte that only looks like the instruction is followed by no token of a method.
    private static Type? Resolve(MethodBase method, int token)
    {
        try
        {
            return method.Module.ResolveMethod(token, method.DeclaringType?.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : null)?.DeclaringType;
        }
        catch (Exception exception) when (exception is ArgumentException or BadImageFormatException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\bLinux only\b|\bLinux \d+\.\d+(?:\)|\.$)")]
    private static partial Regex LinuxOnly();
}
