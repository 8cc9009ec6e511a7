using System.Buffers.Text;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Threads;

/// <summary>Work on two threads, where there are two processors and enough of it.</summary>
internal static class SharedWork
{
    // Below this the start of a second thread costs more than it saves.
    private const int WorthwhileCount = 64;

    /// <summary>
    /// Whether a second thread is worth its start: a second processor, and many processes to be seen. A container reads the whole host's
    /// number of tasks, so the first processes are listed as well, a tenth of a millisecond where there are many.
    /// </summary>
    internal static bool IsHostBusy()
    {
        const int limit = 256;
        // "0.00 0.01 0.05 1/234 5678" (proc(5))
        return Environment.ProcessorCount > 1
            && ProcFile.ReadAll(OpenAt.WorkingDirectory, "/proc/loadavg\0"u8, limit, out var text) == Errno.None
            && text.IndexOf((byte)'/') is >= 0 and var at && Utf8Parser.TryParse(text[(at + 1)..], out int tasks, out _)
            && tasks >= TaskFileSearch.WorthwhileProcesses
            && OwnerSearch.ListProcesses(TaskFileSearch.WorthwhileProcesses) is { Count: >= TaskFileSearch.WorthwhileProcesses };
    }

    /// <param name="tool">Makes what a thread works with, one for each thread.</param>
    internal static void Run<TTool>(int count, Func<TTool> tool, Action<TTool, int> work)
    {
        var next = -1;
        void WorkOn(TTool own)
        {
            for (int at; (at = Interlocked.Increment(ref next)) < count;)
                work(own, at);
        }

        var second = count >= WorthwhileCount && Environment.ProcessorCount > 1
            ? BackgroundThread.Begin("shared work", () => WorkOn(tool())) : null;
        WorkOn(tool());
        second?.Join();
    }
}
