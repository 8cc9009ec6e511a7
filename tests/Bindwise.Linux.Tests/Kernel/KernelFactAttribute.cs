namespace Bindwise.Linux.Tests.Kernel;

/// <summary>A test that sets up sockets in a network namespace of its own; skipped, with the reason, where none can be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute() => Skip = KernelAccess.Obstacle;
}

/// <summary>A table of tests that set up sockets in a network namespace of their own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute() => Skip = KernelAccess.Obstacle;
}

/// <summary>Whether this run may make network namespaces.</summary>
public static class KernelAccess
{
    /// <summary>Why not; null when it may.</summary>
    public static string? Obstacle { get; } = Find();

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux())
            return "needs Linux";
        try
        {
            NetworkNamespace.Run(static () => { });
            return null;
        }
        catch (InvalidOperationException failure)
        {
            return "needs root, to make a network namespace: " + failure.Message;
        }
    }
}
