namespace Bindwise.Linux.Tests.Processes;

/// <summary>The same as <see cref="PythonFactAttribute"/> for a table of tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonTheoryAttribute : TheoryAttribute
{
    public PythonTheoryAttribute() => Skip = new PythonFactAttribute().Skip;
}
