using System.Reflection;
using IsolatedProcess;
using Xunit.Sdk;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>The names of the rows of the class's table (<c>Table</c>) that need a program, or none; skipped where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class RowsAttribute : DataAttribute
{
    /// <summary>The rows that need nothing more.</summary>
    public RowsAttribute()
    {
    }

    /// <summary>The rows that need this program.</summary>
    public RowsAttribute(string program)
    {
        Program = program;
        Skip = Needs.Missing([program]);
    }

    /// <summary>The program that they need.</summary>
    public string? Program { get; }

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        TableOf(testMethod.DeclaringType!).Where(row => row.Needs == Program).Select(static row => new object[] { row.Name });

    /// <summary>The rows of a class.</summary>
    internal static IReadOnlyList<Situation> TableOf(Type tests) =>
        (IReadOnlyList<Situation>)tests.GetProperty("Table", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
}
