using Bindwise.Linux.Proc;

namespace Bindwise.Supervising;

/// <summary>
/// The standard error that the program was started with, borrowed from the program each time: a pipe's reader sees its end when the program
/// closes it, however long the supervisor lives. Where the program has put something else in its place, nothing is written into that.
/// </summary>
/// <param name="number">
/// Its number in this process; by default this process's own, which is the program's parent and has it open as long as a shell would.
/// </param>
internal sealed class ProgramErrors(int number = SupervisorProcess.Errors)
{
    private readonly FileStatus? _first = StatX.OfDescriptor(number, out var status) == Errno.None ? status : null;

    /// <summary>Writes as much as is taken within a moment.</summary>
    /// <param name="thread">A thread of a supervised program whose call waits.</param>
    /// <returns>False where that thread's process does not have the program's standard error.</returns>
    internal bool TryWrite(int thread, string text)
    {
        if (number == SupervisorProcess.Errors)
        {
            using var own = SafeFileDescriptor.Borrow(number);
            Write(own, text);
            return true;
        }
        if (text.Length == 0 || thread <= 0 || _first is not { } first || ThreadFile.Leader(thread) is not (> 0 and var leader)
            || PidFdGetFd.OpenProcess(leader, 0, out var process) != Errno.None)
            return false;
        using (process)
        {
            if (PidFdGetFd.Copy(process, SupervisorProcess.Errors, out var stream) != Errno.None)
                return false;
            using (stream)
            {
                if (FileStatusCall.Fstat(stream, out var now) != Errno.None || (now.Device, now.Inode) != (first.Device, first.Inode))
                    return false;
                Write(stream, text);
                return true;
            }
        }
    }

    private static void Write(SafeFileDescriptor stream, string text)
    {
        using var shared = new SharedStream(stream);
        _ = shared.Write(Encoding.UTF8.GetBytes(text));
    }
}

/// <summary>Signals that wait for a thread that waits for the supervisor.</summary>
/// <param name="AreHandled">There is one, sent to it or to its process, that it handles and does not block.</param>
/// <param name="Stop">There is one that would stop it, as Ctrl+Z does: not handled, not ignored.</param>
internal readonly record struct PendingSignals(bool AreHandled, bool Stop)
{
    // SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU.
    private static readonly ulong Stopping = SignalSet.Of(19, 20, 21, 22);

    internal static PendingSignals Of(int thread)
    {
        var status = ThreadFile.Read(thread, "status"u8);
        var pending = (StatusMasks.Of(status, "\nSigPnd:"u8) | StatusMasks.Of(status, "\nShdPnd:"u8))
            & ~StatusMasks.Of(status, "\nSigBlk:"u8);
        var handled = StatusMasks.Of(status, "\nSigCgt:"u8);
        return new((pending & handled) != 0, (pending & Stopping & ~handled & ~StatusMasks.Of(status, "\nSigIgn:"u8)) != 0);
    }
}

/// <summary>Masks of signals as /proc/PID/status shows them (proc_pid_status(5)): bit n - 1 is signal n.</summary>
internal static class StatusMasks
{
    /// <summary>One mask; 0 where it is not told.</summary>
    /// <param name="name">The line's beginning, as <c>\nSigIgn:</c>.</param>
    internal static ulong Of(ReadOnlySpan<byte> status, ReadOnlySpan<byte> name) =>
        ProcessStatus.TryFind(status, name, out var value)
            && ulong.TryParse(value, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mask) ? mask : 0;
}
