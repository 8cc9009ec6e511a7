using System.Diagnostics;

namespace Bindwise.Packages.Tests.Packing;

/// <summary>A test of the packages: skipped, with the reason, where they cannot be made.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PackedFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Namespace = new(TryNamespace);

    /// <summary>Says whether the test runs a program in a network namespace of its own (<see cref="InNamespace"/>).</summary>
    public PackedFactAttribute(bool inNamespace = false) => Skip = Packed.Missing ?? (inNamespace ? Namespace.Value : null);

    /// <summary>What a program is started by: a user namespace too, so that no root is needed.</summary>
    public static IReadOnlyList<string> InNamespace => ["unshare", "--user", "--map-root-user", "--net", "/bin/sh", "-c", "ip link set lo up && exec \"$@\"", "sh"];

    private static string? TryNamespace()
    {
        using var process = Process.Start(new ProcessStartInfo(InNamespace[0], [.. InNamespace.Skip(1), "true"]) { RedirectStandardError = true });
        var complaint = process?.StandardError.ReadToEnd().Trim();
        process?.WaitForExit();
        return process?.ExitCode == 0 ? null : $"needs the right to make a user namespace: {complaint}";
    }
}

/// <summary>The same for a table of tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PackedTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips where there are no packages.</summary>
    public PackedTheoryAttribute() => Skip = Packed.Missing;
}
