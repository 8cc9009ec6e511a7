namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>A test against the running kernel: skipped, with the reason, where it cannot run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    /// <summary>Names the programs that the test needs beside those of every test.</summary>
    public KernelFactAttribute(params string[] programs)
    {
        Skip = Requirements.Missing(programs);
        Timeout = Patience.OfATestMilliseconds;
    }
}

/// <summary>The same for a table of tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the programs that the tests need beside those of every test.</summary>
    public KernelTheoryAttribute(params string[] programs)
    {
        Skip = Requirements.Missing(programs);
        Timeout = Patience.OfATestMilliseconds;
    }
}
