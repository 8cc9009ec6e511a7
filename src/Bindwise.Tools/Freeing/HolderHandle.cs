using System.Runtime.Versioning;
using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Tools;

/// <summary>
/// A handle on the very process of a snapshot: whatever becomes of its number, a signal reaches this process or none.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class HolderHandle : IDisposable
{
    private const int StatBytes = 1024;

    private readonly SafeFileDescriptor _process;

    private HolderHandle(int id, SafeFileDescriptor process)
    {
        Id = id;
        _process = process;
    }

    internal int Id { get; }

    /// <summary>It has ended: it holds nothing any more, though its parent may not have waited for it yet.</summary>
    internal bool HasEnded => ProcessPollCall.WaitForEnd([_process], 0) > 0;

    /// <summary>
    /// Takes the handle, and then compares the start of the process that has the number: the one that has it while the handle's process
    /// lives is the handle's.
    /// </summary>
    /// <returns>Null where that process has ended, or another one has its number by now.</returns>
    internal static HolderHandle? Open(ProcessRecord record)
    {
        if (PidFdGetFd.OpenProcess(record.Id, 0, out var process) != Errno.None)
        {
            process.Dispose();
            return null;
        }
        var handle = new HolderHandle(record.Id, process);
        if (StartOf(record.Id) == record.StartTicks && !handle.HasEnded)
            return handle;
        handle.Dispose();
        return null;
    }

    internal Errno Send(int signal) => PidFdSignal.Send(_process, signal);

    internal static void WaitForAny(IReadOnlyList<HolderHandle> handles, TimeSpan time) =>
        _ = ProcessPollCall.WaitForEnd([.. handles.Select(static handle => handle._process)], (int)Math.Ceiling(time.TotalMilliseconds));

    public void Dispose() => _process.Dispose();

    private static ulong? StartOf(int id)
    {
        using var access = ForeignAccess.To(ForeignKind.Process, id);
        if (!access.IsAllowed)
            return null;
        Span<byte> buffer = stackalloc byte[StatBytes];
        var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat\0"));
        return SmallFile.Read(OpenAt.WorkingDirectory, path, buffer, out var length) == Errno.None
            && StatLine.TryParse(buffer[..length], out var stat) ? stat.StartTicks : null;
    }
}
