using System.Buffers.Text;

namespace Bindwise.Linux.Processes.Ending;

/// <summary>
/// Reads what becomes of signals to a process. A signal that every thread blocks is still taken by who waits for it in sigwait(3), which
/// takes it out of the thread's SigBlk meanwhile, and by who reads a signalfd(2), which only the descriptor shows.
/// </summary>
internal static class SignalReader
{
    private const int StatusBytes = 8 * 1024;
    private const int LinkBytes = 64;
    private const int DescriptorLimit = 1024;
    private const int ThreadLimit = 256;
    private const ulong Termination = 1UL << 14;
    private const int MaxTries = 10;
    private const int PauseMicroseconds = 5_000;

    /// <summary>The masks; null where they may not be read.</summary>
    /// <param name="root">Where the host's files are: empty for this host.</param>
    internal static SignalMasks? Read(string root, int pid)
    {
        for (var tries = 1; ; tries++)
        {
            var masks = ReadOnce(root, pid);
            // A shell blocks all signals for a moment when it starts a command or begins to wait for one, as dash does.
            if (masks is not { } read || (read.Blocked & Termination) == 0 || tries == MaxTries)
                return masks;
            SleepCall.Wait(PauseMicroseconds);
        }
    }

    private static SignalMasks? ReadOnce(string root, int pid)
    {
        using var directory = OpenAt.TryOpen(Encoding.UTF8.GetBytes($"{root}/proc/{pid}\0"));
        if (directory is null)
            return null;
        using var access = ForeignAccess.To(ForeignKind.Process, pid);
        var buffer = new byte[StatusBytes];
        if (!access.IsAllowed || ReadStatus(directory.Number, "status\0"u8, buffer) is not { } masks)
            return null;
        if ((masks.Blocked & Termination) == 0)
            return masks;
        var blocked = masks.Blocked & OfThreads(directory.Number, buffer);
        if ((blocked & Termination) == 0)
            return masks with { Blocked = blocked };
        // The kernel drops no signal that process 1 blocks (sig_ignored(), kernel/signal.c): so it is as good as a handler there, too.
        var read = OfDescriptors(directory.Number, buffer);
        return masks with { Blocked = blocked & ~read, Caught = masks.Caught | (blocked & read) };
    }

    private static ulong OfThreads(int directory, byte[] buffer)
    {
        var threads = new List<int>();
        _ = ProcFile.ListNumbers(directory, "task\0"u8, ThreadLimit, threads);
        return threads.Aggregate(ulong.MaxValue, (blocked, thread) =>
            blocked & (ReadStatus(directory, Encoding.ASCII.GetBytes($"task/{thread}/status\0"), buffer)?.Blocked ?? ulong.MaxValue));
    }

    private static ulong OfDescriptors(int directory, byte[] buffer)
    {
        var read = 0UL;
        var descriptors = new List<int>();
        // Who may not look takes them for read: nothing is claimed then.
        if (ProcFile.ListNumbers(directory, "fd\0"u8, DescriptorLimit, descriptors) != Errno.None)
            return ulong.MaxValue;
        foreach (var descriptor in descriptors)
        {
            if (ReadLinkAt.Read(directory, Encoding.ASCII.GetBytes($"fd/{descriptor}\0"), buffer.AsSpan(0, LinkBytes),
                out var length) != Errno.None
                || !buffer.AsSpan(0, length).SequenceEqual("anon_inode:[signalfd]"u8)
                || SmallFile.Read(directory, Encoding.ASCII.GetBytes($"fdinfo/{descriptor}\0"), buffer, out length) != Errno.None)
                continue;
            read |= Mask(buffer.AsSpan(0, length), "\nsigmask:"u8) ?? 0;
        }
        return read;
    }

    private static SignalMasks? ReadStatus(int directory, ReadOnlySpan<byte> path, byte[] buffer)
    {
        if (SmallFile.Read(directory, path, buffer, out var length) != Errno.None)
            return null;
        var text = buffer.AsSpan(0, length);
        return Mask(text, "\nSigBlk:"u8) is { } blocked && Mask(text, "\nSigIgn:"u8) is { } ignored
            && Mask(text, "\nSigCgt:"u8) is { } caught
            ? new SignalMasks(blocked, ignored, caught) : null;
    }

    private static ulong? Mask(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) =>
        ProcessStatus.TryFind(text, name, out var value) && Utf8Parser.TryParse(value, out ulong mask, out var used, 'x')
            && used == value.Length ? mask : null;
}
