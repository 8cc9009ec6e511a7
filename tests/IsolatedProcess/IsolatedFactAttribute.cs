namespace IsolatedProcess;

/// <summary>A test whose body runs apart: skipped, with the reason, where that cannot be.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IsolatedFactAttribute : FactAttribute
{
    /// <summary>Names the programs that the test needs beside those of every test.</summary>
    public IsolatedFactAttribute(params string[] programs)
    {
        Skip = Needs.Missing(programs);
        Timeout = Body.LimitMilliseconds + 10_000;
    }
}

/// <summary>The same for a table of tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IsolatedTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the programs that the tests need beside those of every test.</summary>
    public IsolatedTheoryAttribute(params string[] programs)
    {
        Skip = Needs.Missing(programs);
        Timeout = Body.LimitMilliseconds + 10_000;
    }
}
