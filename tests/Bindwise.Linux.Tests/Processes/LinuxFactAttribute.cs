namespace Bindwise.Linux.Tests.Processes;

/// <summary>A test that calls the kernel, but needs no rights and no other programs; skipped, with the reason, on other systems.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "needs Linux";
}
