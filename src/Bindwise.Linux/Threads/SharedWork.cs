namespace Bindwise.Linux.Threads;

/// <summary>The same work on many things, shared by two threads where there are enough, and a second processor.</summary>
internal static class SharedWork
{
    // Below this the start of a second thread costs more than it saves.
    private const int WorthwhileCount = 64;

    private const int StackBytes = 256 * 1024;

    /// <param name="tool">Makes what a thread works with, one for each thread.</param>
    internal static void Run<TTool>(int count, Func<TTool> tool, Action<TTool, int> work)
    {
        var next = -1;
        void WorkOn(TTool own)
        {
            for (int at; (at = Interlocked.Increment(ref next)) < count;)
                work(own, at);
        }

        var second = count >= WorthwhileCount && Environment.ProcessorCount > 1 ? TryStart(() => WorkOn(tool())) : null;
        WorkOn(tool());
        second?.Join();
    }

    /// <summary>Begins work on another thread.</summary>
    /// <returns>Null where none is to be had: a host that is out of threads still gets its answer, by one.</returns>
    internal static Thread? TryStart(ThreadStart work)
    {
        try
        {
            var thread = new Thread(work, StackBytes) { IsBackground = true, Name = "shared work" };
            thread.Start();
            return thread;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return null;
        }
    }
}
