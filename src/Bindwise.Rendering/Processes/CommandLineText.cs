using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Processes;

/// <summary>A process's command line as one text that a shell would read back as the same arguments.</summary>
internal static class CommandLineText
{
    /// <summary>The command line, or the short name of a process without one (kernel threads, zombies); null when neither is known.</summary>
    public static string? Of(ProcessRecord process)
    {
        var arguments = WithoutEmptyTail(process.Arguments);
        return arguments.Length switch
        {
            0 => process.Name.Length == 0 ? null : process.Name,
            // A title that the process wrote over its arguments ("nginx: master process ...") is no list of them.
            1 when arguments[0].Contains(' ', StringComparison.Ordinal) => arguments[0],
            _ => string.Join(' ', arguments.Select(ShellQuoting.Quote)),
        };
    }

    // Programs that rewrite their title leave the rest of the old arguments as zero bytes, which read as empty arguments.
    private static ImmutableArray<string> WithoutEmptyTail(ImmutableArray<string> arguments)
    {
        var length = arguments.Length;
        while (length > 0 && arguments[length - 1].Length == 0)
            length--;
        return arguments[..length];
    }
}
