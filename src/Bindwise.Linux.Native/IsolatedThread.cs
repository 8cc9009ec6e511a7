using System.Runtime.ExceptionServices;

namespace Bindwise.Linux.Native;

/// <summary>Work on a thread that ends with it, for what changes the thread: its network namespace, its user.</summary>
internal static class IsolatedThread
{
    /// <summary>Runs the work to its end and throws what it throws.</summary>
    /// <returns>False when this process gets no further thread; nothing was done then.</returns>
    internal static bool TryRun(string name, Action work)
    {
        ExceptionDispatchInfo? fault = null;
        try
        {
            var thread = new Thread(() =>
            {
                try
                {
                    work();
                }
                catch (Exception exception)
                {
                    // It goes on where the work was asked for; here it would end the process.
                    fault = ExceptionDispatchInfo.Capture(exception);
                }
            })
            { IsBackground = true, Name = name };
            thread.Start();
            thread.Join();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
        fault?.Throw();
        return true;
    }
}
