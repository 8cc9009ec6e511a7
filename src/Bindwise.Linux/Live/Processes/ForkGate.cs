namespace Bindwise.Linux.Live.Processes;

/// <summary>
/// Keeps a child's birth and the closing of sockets apart, in all threads: from fork() until its exec() is done a child has a copy of every
/// descriptor, and as long as there is a copy, close(2) of the other one ends nothing.
/// </summary>
internal static class ForkGate
{
    private static readonly ReaderWriterLockSlim s_births = new();

    /// <summary>Closes something while no child is being born.</summary>
    internal static T Close<T>(Func<T> close)
    {
        s_births.EnterReadLock();
        try
        {
            return close();
        }
        finally
        {
            s_births.ExitReadLock();
        }
    }

    /// <summary>Closes a descriptor while no child is being born.</summary>
    internal static void Close(IDisposable descriptor)
    {
        s_births.EnterReadLock();
        try
        {
            descriptor.Dispose();
        }
        finally
        {
            s_births.ExitReadLock();
        }
    }

    /// <summary>Starts a child, and waits until it runs its own program, while nothing is closed.</summary>
    internal static T Start<T>(Func<T> start)
    {
        s_births.EnterWriteLock();
        try
        {
            return start();
        }
        finally
        {
            s_births.ExitWriteLock();
        }
    }
}
