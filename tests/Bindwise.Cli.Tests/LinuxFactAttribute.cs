namespace Bindwise.Cli.Tests;

/// <summary>A test that needs Linux: its devices, its shell or its socket table.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    /// <summary>Sets the reason to skip where it does not run.</summary>
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "needs Linux";
    }
}

/// <summary>A table of tests that need Linux.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    /// <summary>Sets the reason to skip where it does not run.</summary>
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "needs Linux";
    }
}

/// <summary>A test that needs a terminal of its own, which script(1) of util-linux makes.</summary>
public sealed class TerminalFactAttribute : FactAttribute
{
    /// <summary>Sets the reason to skip where it does not run.</summary>
    public TerminalFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/script"))
            Skip = "needs Linux and script(1) of util-linux (bsdutils)";
    }
}
