using Bindwise.Linux.Deadlines;

namespace Bindwise.Supervising.Calls;

/// <summary>Who answers the calls of a filter. All of it is called by one thread at a time, which has the server's gate.</summary>
internal interface ICallHandler
{
    /// <summary>In how many milliseconds <see cref="Continue"/> is due; -1: not at all.</summary>
    int Patience { get; }

    /// <summary>Answers a call, or keeps it to be answered by <see cref="Continue"/>.</summary>
    void Answer(WaitingCall call);

    void Continue(CallThread thread);

    /// <summary>Answers a call whose program cannot be looked at: a thread was given up at it.</summary>
    void AnswerUnseen(WaitingCall call);

    /// <summary>The last thread that had the filter has ended.</summary>
    void End();
}

/// <summary>
/// Takes the calls of one filter, one after the other, on a thread that may be lost: whatever looks into another process, or touches its
/// sockets, can wait for something that never comes, as a page of a file system that the program serves itself. Then that call is answered
/// without the look, and the next ones by another thread. Nobody else waits for such a look.
/// </summary>
/// <param name="listener">The filter's listener, which is closed at its end.</param>
/// <param name="gate">Who has it may touch what the handler knows: its threads have it but while they wait for another process.</param>
internal sealed class CallServer(SafeFileDescriptor listener, ICallHandler handler, Lock gate)
{
    /// <summary>So many threads wait in vain at most; then nothing is looked at any more until one of them comes back.</summary>
    internal const int MostLost = 16;

    private const int StackBytes = 256 * 1024;
    private static readonly TimeSpan FirstCheck = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan NextCheck = TimeSpan.FromMilliseconds(25);

    // For the watch: what it waits for is set under this lock.
    private readonly object _news = new();
    private volatile bool _isWatched;
    private volatile bool _isOver;
    private volatile CallThread? _current;
    private int _lost;

    /// <returns>False where this process gets no thread for it: nobody answers, and the listener is closed.</returns>
    internal bool TryStart()
    {
        SeccompListener.WakeOnSameProcessor(listener);
        if (BackgroundThread.TryStart("bindwise watch", StackBytes, Watch) && TryStartThread())
            return true;
        listener.Dispose();
        Change(() => _isOver = true);
        return false;
    }

    /// <summary>Waits until the last supervised thread has ended.</summary>
    internal void Join()
    {
        lock (_news)
        {
            while (!_isOver)
                Monitor.Wait(_news);
        }
    }

    // A thread turns to another process: from now on it is looked at.
    internal void Watched()
    {
        if (!_isWatched)
            Change(() => _isWatched = true);
    }

    private void Change(Action what)
    {
        lock (_news)
        {
            what();
            Monitor.PulseAll(_news);
        }
    }

    private bool TryStartThread()
    {
        _current = null;
        return BackgroundThread.TryStart("bindwise calls", StackBytes, () =>
        {
            var thread = new CallThread(this, gate);
            _current = thread;
            Serve(thread);
        });
    }

    private void Serve(CallThread thread)
    {
        gate.Enter();
        try
        {
            while (true)
            {
                var patience = handler.Patience;
                gate.Exit();
                var isCall = SeccompListener.Wait(listener, patience, out var isOver);
                gate.Enter();
                if (isOver)
                    break;
                if (isCall && SeccompListener.Receive(listener, out var notice) == Errno.None)
                {
                    var call = thread.Call = new WaitingCall(listener, notice, thread);
                    if (Volatile.Read(ref _lost) >= MostLost)
                        handler.AnswerUnseen(call);
                    else
                        handler.Answer(call);
                }
                handler.Continue(thread);
            }
            handler.End();
            listener.Dispose();
            Change(() => _isOver = true);
        }
        catch (LostThreadException)
        {
            // Whoever gave it up has answered its call, and it does not have the gate.
            Interlocked.Decrement(ref _lost);
            return;
        }
        gate.Exit();
    }

    private void Watch()
    {
        while (true)
        {
            lock (_news)
            {
                while (!_isWatched && !_isOver)
                    Monitor.Wait(_news);
                if (_isOver)
                    return;
                // It stays set meanwhile, so that a busy program does not wake this thread with each of its calls.
                Monitor.Wait(_news, FirstCheck);
                // Before the look, so that what begins after it sets it again.
                _isWatched = false;
            }
            Interlocked.MemoryBarrier();
            while (!_isOver && _current is { } thread && thread.IsAway)
            {
                if (thread.IsStuck(BoundedRun.ReadLimit))
                    GoOnWithout(thread);
                lock (_news)
                    Monitor.Wait(_news, NextCheck);
            }
        }
    }

    private void GoOnWithout(CallThread thread)
    {
        Interlocked.Increment(ref _lost);
        lock (gate)
        {
            if (thread.Call is { } call)
                handler.AnswerUnseen(call);
        }
        // The calls wait until there is one, as the lost one's, once it comes back.
        while (!TryStartThread())
        {
            lock (_news)
                Monitor.Wait(_news, NextCheck);
        }
    }
}

/// <summary>A thread was given up while it waited for another process: nothing that it would do from here on is wanted.</summary>
internal sealed class LostThreadException() : Exception("the thread was given up");

/// <summary>A thread that answers calls, and leaves the gate to others while it waits for another process.</summary>
internal sealed class CallThread(CallServer server, Lock gate)
{
    private readonly WatchedThread _watched = new();
    private volatile bool _isAway;

    internal WaitingCall? Call { get; set; }

    /// <summary>It waits for another process, or has just come back.</summary>
    internal bool IsAway => _isAway;

    /// <summary>It has waited for the same thing all the time, and is given up from now on.</summary>
    internal bool IsStuck(TimeSpan limit) => _watched.IsStuck(limit, out _);

    /// <summary>
    /// The thread turns to another process, and leaves the gate, until the span's end. Where it was given up meanwhile that throws <see
    /// cref="LostThreadException"/>, and whoever gave it up has gone on.
    /// </summary>
    internal Away Leave() => new(this, isBounded: false);

    /// <summary>The same for what has a deadline of its own, or ends for sure: it is waited for.</summary>
    internal Away LeaveBounded() => new(this, isBounded: true);

    /// <summary>A span in which a thread waits for another process.</summary>
    internal readonly ref struct Away
    {
        private readonly CallThread _thread;
        private readonly bool _isBounded;

        internal Away(CallThread thread, bool isBounded)
        {
            (_thread, _isBounded) = (thread, isBounded);
            if (!isBounded)
            {
                _ = thread._watched.Turn(new ForeignTarget(ForeignKind.Memory, thread.Call?.Thread ?? 0));
                thread._isAway = true;
                // The watch clears its flag and then looks who is away: one of both has to see the other, in every processor's order.
                Interlocked.MemoryBarrier();
                thread._server.Watched();
            }
            thread._gate.Exit();
        }

        public void Dispose()
        {
            if (!_isBounded)
            {
                _thread._isAway = false;
                _ = _thread._watched.Turn(default, out var wasLost);
                if (wasLost)
                    throw new LostThreadException();
            }
            _thread._gate.Enter();
        }
    }

    private readonly CallServer _server = server;
    private readonly Lock _gate = gate;
}
