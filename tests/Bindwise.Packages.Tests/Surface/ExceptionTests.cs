using System.Reflection;

namespace Bindwise.Packages.Tests.Surface;

/// <summary>One filter catches all exceptions of the packages, and has their diagnosis.</summary>
public sealed class ExceptionTests
{
    private static IEnumerable<Type> Thrown => ((IEnumerable<object[]>)PlatformTests.Packages).SelectMany(static package => Shipped.Assembly((string)package[0]).GetExportedTypes())
        .Where(static type => type.IsSubclassOf(typeof(Exception)) && type.Assembly.GetName().Name!.StartsWith("Bindwise", StringComparison.Ordinal));

    [Fact]
    public void EachException_IsABindwiseException() => Assert.Empty(Thrown.Where(static type => !type.IsAssignableTo(typeof(IBindwiseException))).Select(static type => type.FullName));

    // A property of that name that does not implement the interface's would leave it null.
    [Fact]
    public void Diagnosis_OfEachThatHasOne_IsThatOfTheInterface()
    {
        var having = Thrown.Where(static type => type.GetProperty("Diagnosis", BindingFlags.Public | BindingFlags.Instance) is not null).ToList();
        Assert.Contains(typeof(BindException), having);
        Assert.All(having, static type =>
        {
            var map = type.GetInterfaceMap(typeof(IBindwiseException));
            var getter = map.TargetMethods[Array.FindIndex(map.InterfaceMethods, static one => one.Name == "get_Diagnosis")];
            Assert.False(getter.DeclaringType == typeof(IBindwiseException), type.FullName);
        });
    }
}
