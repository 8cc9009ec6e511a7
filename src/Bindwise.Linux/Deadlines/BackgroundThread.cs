namespace Bindwise.Linux.Deadlines;

/// <summary>A thread that does not keep the process, where the process gets one more.</summary>
internal static class BackgroundThread
{
    private const int StackBytes = 256 * 1024;

    /// <summary>One that is waited for, in the starting thread's own context.</summary>
    /// <param name="name">What it is called, for people who look at the process.</param>
    /// <returns>Null where none is to be had: a host that is out of threads still gets its answer, by one.</returns>
    internal static Thread? Begin(string name, ThreadStart work, int stackBytes = StackBytes)
    {
        try
        {
            var thread = new Thread(work, stackBytes) { IsBackground = true, Name = name };
            thread.Start();
            return thread;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return null;
        }
    }

    /// <param name="name">What it is called, for people who look at the process.</param>
    /// <param name="work">Throws nothing: that would end the process.</param>
    /// <returns>False when this process gets no further thread.</returns>
    internal static bool TryStart(string name, int stackBytes, Action work)
    {
        try
        {
            new Thread(work.Invoke, stackBytes) { IsBackground = true, Name = name }.UnsafeStart();
            return true;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }
}
