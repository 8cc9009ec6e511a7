using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Processes;

/// <summary>A process's command line as one text that a shell would read back as the same arguments, cut to a sane length.</summary>
internal static class CommandLineLine
{
    /// <summary>The longest command line in JSON, in characters.</summary>
    public const int LimitOfJson = 2048;

    /// <summary>One argument may take a quarter: a class path must not hide the class behind it.</summary>
    private const int PartOfArgument = 4;

    /// <summary>
    /// The command line, or the short name of a process without one (kernel threads, zombies); null when neither is known.
    /// An argument longer than a quarter of the limit shows its two ends with <c>…</c> between, and a whole that is too long ends in one.
    /// </summary>
    /// <param name="process">The process.</param>
    /// <param name="limit">The most characters.</param>
    public static string? Of(ProcessRecord process, int limit)
    {
        var arguments = WithoutEmptyTail(process.Arguments);
        if (arguments.Length == 0)
            return process.Name.Length == 0 ? null : process.Name;
        // A title that the process wrote over its arguments ("nginx: master process ...") is no list of them.
        var text = arguments.Length == 1 && arguments[0].Contains(' ', StringComparison.Ordinal)
            ? arguments[0]
            : string.Join(' ', arguments.Select(argument => ShellQuoting.Quote(Shortening.Middle(argument, limit / PartOfArgument))));
        return Shortening.End(text, limit);
    }

    /// <summary>The arguments without empty ones at the end: programs that rewrite their title leave the rest of the old ones as zero bytes.</summary>
    internal static ImmutableArray<string> WithoutEmptyTail(ImmutableArray<string> arguments)
    {
        var length = arguments.Length;
        while (length > 0 && arguments[length - 1].Length == 0)
            length--;
        return arguments[..length];
    }
}
