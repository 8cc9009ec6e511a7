using Bindwise.Linux.Processes;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Secrets;

namespace Bindwise.Linux.FailedCalls;

/// <summary>What events tell of a process besides its name: read when the event is seen, while the process lives.</summary>
internal sealed class ProcessFacts
{
    /// <summary>The longest command line of an event, in characters.</summary>
    private const int CommandLimit = 2048;

    private readonly ProcessReader _processes = new(static _ => null);

    /// <summary>The process; null where it is gone, or its number belongs to another program by now.</summary>
    /// <param name="pid">Its number; 0 for none.</param>
    /// <param name="program">The kernel's name that it must have; null for any.</param>
    internal ProcessRecord? Find(int pid, string? program) =>
        pid > 0 && _processes.Read(pid) is { } found && (program is null || found.Name == program) ? found : null;

    /// <summary>Its command line, masked; null where it cannot be read.</summary>
    internal static string? CommandOf(ProcessRecord process)
    {
        if (process.Arguments.IsDefaultOrEmpty)
            return null;
        // A title that the process wrote over its arguments is no list of them.
        var shown = process.Arguments.Length == 1 ? CommandLineMask.MaskLine(process.Arguments[0])
            : string.Join(' ', CommandLineMask.Mask(process.Arguments).Select(ShellQuoting.Quote));
        return shown.Length <= CommandLimit ? shown : string.Concat(shown.AsSpan(0, CommandLimit - 1), "…");
    }
}
