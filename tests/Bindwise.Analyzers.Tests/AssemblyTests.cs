namespace Bindwise.Analyzers.Tests;

/// <summary>What the compiler of an old SDK loads may name nothing that is newer than it is (CS9057).</summary>
public sealed class AssemblyTests
{
    // What the SDK 8.0.100 has is 4.8; Visual Studio 17.5 has 4.5. System.Composition and the like differ from host to host.
    private static readonly Dictionary<string, Version> Newest = new()
    {
        ["netstandard"] = new(2, 0, 0, 0),
        ["Microsoft.CodeAnalysis"] = new(4, 5, 0, 0),
        ["Microsoft.CodeAnalysis.CSharp"] = new(4, 5, 0, 0),
        ["Microsoft.CodeAnalysis.Workspaces"] = new(4, 5, 0, 0),
        ["System.Collections.Immutable"] = new(6, 0, 0, 0),
    };

    [Theory]
    [InlineData(typeof(SocketAnalyzer), "Microsoft.CodeAnalysis.Workspaces")]
    [InlineData(typeof(SocketCodeFix), "")]
    public void Assembly_RefersToNothingThatAnOldCompilerLacks(Type type, string withheld) =>
        Assert.All(type.Assembly.GetReferencedAssemblies(), name =>
            Assert.True(name.Name != withheld && Newest.TryGetValue(name.Name!, out var newest) && name.Version <= newest, $"{type.Assembly.GetName().Name} refers to {name}"));
}
