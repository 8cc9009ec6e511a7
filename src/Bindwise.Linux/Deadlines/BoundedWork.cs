using System.Runtime.ExceptionServices;

namespace Bindwise.Linux.Deadlines;

/// <summary>Work that may wait for another process without end, on a thread that is lost with it, for whoever must go on.</summary>
internal static class BoundedWork
{
    private const int StackBytes = 256 * 1024;

    /// <summary>So many threads are lost at most; then nothing more is begun until one comes back.</summary>
    private const int MostLost = 16;

    private static int s_running;

    /// <summary>
    /// Does it, and waits for it for <see cref="BoundedRun.EndLimit"/> at most, and no longer than
    /// <see cref="BoundedRun.ReadLimit"/> while its thread sleeps.
    /// </summary>
    /// <param name="work">Touches nothing that others use.</param>
    /// <returns>False where it did not come to its end, or was not begun.</returns>
    internal static bool TryRun<T>(Func<T> work, out T? result)
    {
        result = default;
        var task = new Work<T>(work);
        if (Interlocked.Increment(ref s_running) > MostLost || !BackgroundThread.TryStart("bindwise look", StackBytes, task.Run))
        {
            Interlocked.Decrement(ref s_running);
            return false;
        }
        if (!task.Wait())
            return false;
        task.Fault?.Throw();
        result = task.Result;
        return task.IsDone;
    }

    private sealed class Work<T>(Func<T> work)
    {
        private const int FirstCheckMilliseconds = 100;
        private const int NextCheckMilliseconds = 25;

        private readonly TaskCompletionSource _end = new();
        private volatile WatchedThread? _thread;

        internal T? Result { get; private set; }
        internal bool IsDone { get; private set; }
        internal ExceptionDispatchInfo? Fault { get; private set; }

        internal void Run()
        {
            try
            {
                var thread = new WatchedThread();
                _ = thread.Turn(new ForeignTarget(ForeignKind.Path, 0, nameof(BoundedWork)));
                _thread = thread;
                Result = work();
                IsDone = true;
                _ = thread.Turn(default);
            }
            catch (Exception exception)
            {
                // It goes on where the work was asked for; here it would end the process.
                Fault = ExceptionDispatchInfo.Capture(exception);
            }
            finally
            {
                Interlocked.Decrement(ref s_running);
                _end.SetResult();
            }
        }

        internal bool Wait()
        {
            for (var wait = FirstCheckMilliseconds; !_end.Task.Wait(wait); wait = NextCheckMilliseconds)
            {
                if (_thread is { } thread && thread.IsStuck(BoundedRun.ReadLimit, out _))
                    return false;
            }
            return true;
        }
    }
}
