using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Proc;

namespace Bindwise.Supervising.Auditing;

/// <summary>Ends the audited program and what it started, gently first: SIGTERM, and SIGKILL to what is left after five seconds.</summary>
/// <param name="program">The program's process.</param>
/// <param name="isFromTerminal">It got the terminal's SIGINT too, and has a second to end by it.</param>
[SupportedOSPlatform("linux")]
internal sealed class ProgramEnding(int program, bool isFromTerminal)
{
    private static readonly TimeSpan InterruptTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TerminateTime = TimeSpan.FromSeconds(5);

    private readonly long _since = Stopwatch.GetTimestamp();
    private bool _isTerminated;

    /// <summary>Something had to be killed.</summary>
    internal bool HasKilled { get; private set; }

    /// <summary>Does what is due now.</summary>
    /// <param name="isProgramThere">The program's own process was not waited for yet.</param>
    /// <param name="isUrgent">At once: somebody pressed Ctrl+C again.</param>
    internal void Pace(bool isProgramThere, bool isUrgent)
    {
        var passed = Stopwatch.GetElapsedTime(_since) - (isFromTerminal ? InterruptTime : TimeSpan.Zero);
        if (isUrgent || passed >= TerminateTime)
        {
            HasKilled = true;
            Descendants.Signal(SignalCall.Kill);
        }
        else if (passed >= TimeSpan.Zero && !_isTerminated)
        {
            _isTerminated = true;
            // A server tells its workers itself; who is left without it is told here.
            if (isProgramThere)
                _ = SignalCall.SendToChild(program, SignalCall.Terminate);
            else
                Descendants.Signal(SignalCall.Terminate);
        }
        else if (_isTerminated && !isProgramThere && passed >= TerminateTime / 5)
        {
            Descendants.Signal(SignalCall.Terminate);
        }
    }
}

/// <summary>Every process below this one.</summary>
[SupportedOSPlatform("linux")]
internal static class Descendants
{
    private const int Most = 4096;
    private const int MostThreads = 4096;
    private const int ChildrenBytes = 1 << 16;

    /// <summary>The processes below one, in no order.</summary>
    internal static List<int> Of(int process)
    {
        var found = new List<int>();
        var open = new Queue<int>([process]);
        var buffer = new byte[ChildrenBytes];
        while (found.Count < Most && open.TryDequeue(out var parent))
        {
            foreach (var thread in NumberedFolder.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{parent}/task"), MostThreads))
            {
                if (SmallFile.Read(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{parent}/task/{thread}/children\0")), buffer, out var length) != Errno.None)
                    continue;
                foreach (var word in Encoding.ASCII.GetString(buffer, 0, length).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                {
                    if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var child) && !found.Contains(child))
                    {
                        found.Add(child);
                        open.Enqueue(child);
                    }
                }
            }
        }
        return found;
    }

    /// <summary>Sends a signal to all of them.</summary>
    internal static void Signal(int signal)
    {
        foreach (var id in Of(Environment.ProcessId))
        {
            if (PidFdGetFd.OpenProcess(id, 0, out var process) == Errno.None && IsBelow(id))
                _ = PidFdSignal.Send(process, signal);
            process.Dispose();
        }
    }

    // Asked once the handle is there: the number may have been given to another since it was read.
    private static bool IsBelow(int id)
    {
        const int deepest = 256;
        for (var depth = 0; depth < deepest && id > 1; depth++)
        {
            if (ProcessStatus.Parse(ThreadFile.Read(id, "status"u8)).Parent is not { } parent)
                return false;
            if (parent == Environment.ProcessId)
                return true;
            id = parent;
        }
        return false;
    }
}

/// <summary>The numbers that a folder of /proc has as names.</summary>
[SupportedOSPlatform("linux")]
internal static class NumberedFolder
{
    private const int BufferBytes = 16 * 1024;

    /// <summary>Reads them; none where the folder cannot be read.</summary>
    internal static List<int> Read(string path, int most)
    {
        var found = new List<int>();
        if (OpenAt.Open(OpenAt.WorkingDirectory, Encoding.ASCII.GetBytes(path + "\0"), out var directory) != Errno.None)
            return found;
        try
        {
            var buffer = new byte[BufferBytes];
            while (found.Count < most && GetDents.Read(directory, buffer, out var length) == Errno.None && length > 0)
            {
                var entries = new DirectoryEntries(buffer.AsSpan(0, length));
                while (entries.TryNextNumber(out _, out var number))
                    found.Add(number);
            }
        }
        finally
        {
            CloseDescriptor.Close(directory);
        }
        return found;
    }
}
