namespace Bindwise.Linux.Tests.Processes;

/// <summary>A test that starts real processes written in Python; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "needs Linux";
        else if (PythonActor.Interpreter is null)
            Skip = "needs python3 on the PATH";
        else if (NeedsRoot && Environment.UserName != "root")
            Skip = "needs root";
    }

    /// <summary>The test changes users or mounts.</summary>
    public bool NeedsRoot
    {
        get;
        set
        {
            field = value;
            if (value && Skip is null && Environment.UserName != "root")
                Skip = "needs root";
        }
    }
}
