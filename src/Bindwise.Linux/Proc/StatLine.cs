using System.Buffers.Text;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Proc;

/// <summary>The line of /proc/PID/stat, as far as it is used (proc_pid_stat(5), do_task_stat in fs/proc/array.c).</summary>
internal readonly record struct StatLine
{
    private const int ChildFaultsField = 11;
    private const int StartTicksField = 22;

    /// <summary>The short name (comm).</summary>
    internal required string Name { get; init; }

    internal required char State { get; init; }

    /// <summary>The parent; 0 when it is outside the namespace.</summary>
    internal required int ParentId { get; init; }

    internal required int GroupId { get; init; }
    internal required int SessionId { get; init; }

    /// <summary>The controlling terminal's device number; 0 for none.</summary>
    internal required int Terminal { get; init; }

    /// <summary>The foreground process group of the controlling terminal; -1 for none.</summary>
    internal required int ForegroundGroupId { get; init; }

    /// <summary>The start, in clock ticks since boot.</summary>
    internal required ulong StartTicks { get; init; }

    /// <summary>
    /// It has waited for a child that ended: every child had page faults, which are counted to the parent then (cminflt).
    /// </summary>
    internal bool HasReapedChildren { get; init; }

    /// <summary>Dead, with or without a parent that will ask (Z, X).</summary>
    internal bool IsDead => State is 'Z' or 'X' or 'x';

    /// <summary>
    /// Reads the line. The name is whatever the process chose, parentheses, spaces and newlines included,
    /// so the fields are counted from the last parenthesis.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> line, out StatLine stat)
    {
        stat = default;
        var open = line.IndexOf((byte)'(');
        var close = line.LastIndexOf((byte)')');
        if (open < 0 || close < open || line.Length < close + 4 || line[close + 1] != (byte)' ' || line[close + 3] != (byte)' ')
            return false;

        var state = line[close + 2];
        if (!char.IsAsciiLetter((char)state))
            return false;
        var rest = line[(close + 4)..];
        if (!TakeId(ref rest, out var parent) || !TakeId(ref rest, out var group) || !TakeId(ref rest, out var session)
            || !TakeId(ref rest, out var terminal) || !TakeId(ref rest, out var foreground))
            return false;
        var hasReapedChildren = false;
        for (var field = 9; field < StartTicksField; field++)
        {
            if (field == ChildFaultsField)
                hasReapedChildren = !rest.StartsWith("0 "u8);
            if (!Skip(ref rest))
                return false;
        }

        if (!Utf8Parser.TryParse(rest, out ulong ticks, out var consumed)
            || (consumed < rest.Length && rest[consumed] is not ((byte)' ' or (byte)'\n')))
            return false;

        stat = new StatLine
        {
            Name = KernelText.Decode(line[(open + 1)..close]),
            State = (char)state,
            ParentId = parent,
            GroupId = group,
            SessionId = session,
            Terminal = terminal,
            ForegroundGroupId = foreground,
            StartTicks = ticks,
            HasReapedChildren = hasReapedChildren,
        };
        return true;
    }

    private static bool TakeId(ref ReadOnlySpan<byte> rest, out int id)
    {
        if (!Utf8Parser.TryParse(rest, out id, out var consumed) || consumed >= rest.Length || rest[consumed] != (byte)' ')
            return false;
        rest = rest[(consumed + 1)..];
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<byte> rest)
    {
        var space = rest.IndexOf((byte)' ');
        if (space <= 0)
            return false;
        rest = rest[(space + 1)..];
        return true;
    }
}
