using IsolatedProcess;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>What a machine must have so that these tests mean anything.</summary>
internal static class Requirements
{
    private static readonly string[] Always = ["nsenter", "setpriv", "setsid", "python3"];

    /// <summary>Why a test that needs these programs cannot run here; null when it can.</summary>
    public static string? Missing(IEnumerable<string> programs) => Needs.Missing(Always.Concat(programs));
}
