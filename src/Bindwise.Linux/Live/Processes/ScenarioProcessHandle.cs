using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live.Processes;

/// <summary>
/// A process of a scenario, from the player's side: a real one, in a process group of its own, that ends with the player's thread.
/// </summary>
internal sealed class ScenarioProcessHandle(SafeFileDescriptor channel, int id) : IDisposable
{
    /// <summary>A signal that is not handled ends a process at once; a busy machine may take a moment.</summary>
    private const int EndWaits = 50_000;
    private const int EndWaitMicroseconds = 200;

    private bool _hasEnded;

    /// <summary>Its process id, which is its group's too.</summary>
    internal int Id { get; } = id;

    /// <summary>Starts one in the network namespace that the calling thread is in.</summary>
    /// <exception cref="LiveUnavailableException">It cannot be started.</exception>
    internal static ScenarioProcessHandle Start() => ForkGate.Start(StartAlone);

    /// <exception cref="LiveUnavailableException">It cannot, or is gone.</exception>
    internal StepResult Play(Step step)
    {
        var message = ScenarioProcessMessage.Of(step);
        var closes = step is CloseStep or AbortStep or OpenStep or AcceptStep;
        return LiveResult.Named(closes ? ForkGate.Close(() => Ask(message)) : Ask(message));
    }

    /// <summary>A copy of one of its sockets, to look at; to be closed before anything else happens to it.</summary>
    /// <returns>Null when the name has no socket there.</returns>
    internal SafeFileDescriptor? Borrow(string socket)
    {
        if (!int.TryParse(Ask(ScenarioProcessMessage.Descriptor + socket), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        var errno = PidFdGetFd.OpenProcess(Id, 0, out var handle);
        using (handle)
        {
            if (errno != Errno.None)
                throw new LiveUnavailableException(errno, $"cannot look into a scenario's process: {errno} (pidfd_open)");
            errno = PidFdGetFd.Copy(handle, number, out var copy);
            return errno == Errno.None ? copy
                : throw new LiveUnavailableException(errno, $"cannot look at a process's socket: {errno} (pidfd_getfd)");
        }
    }

    /// <summary>Sends its group a signal that it does not handle, and waits until it is gone, all its sockets closed.</summary>
    internal void Signal(int signal) => ForkGate.Close(() =>
    {
        _ = SignalCall.SendToGroup(Id, signal);
        return AwaitEnd();
    });

    /// <summary>Lets it call exit, and waits until it is gone.</summary>
    internal void Exit(ExitStep step) => ForkGate.Close(() =>
    {
        _ = ScenarioProcessMessage.Send(channel, ScenarioProcessMessage.Of(step));
        return AwaitEnd();
    });

    public void Dispose()
    {
        if (!_hasEnded)
        {
            _ = SignalCall.SendToGroup(Id, SignalCall.Kill);
            _ = AwaitEnd();
        }
        channel.Dispose();
    }

    private static ScenarioProcessHandle StartAlone()
    {
        var (path, arguments) = ScenarioProcessProgram.Find();
        var errno = SocketPairCall.Open(out var ours, out var theirs);
        var id = 0;
        using (theirs)
        {
            string[] words = [.. arguments, ScenarioProcess.Verb, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)];
            if (errno == Errno.None)
                errno = SpawnCall.Start(path, words, ScenarioProcessProgram.Environs(), theirs, out id);
        }
        if (errno != Errno.None)
        {
            ours.Dispose();
            throw new LiveUnavailableException(errno, $"cannot start a scenario's process: {errno}");
        }
        var process = new ScenarioProcessHandle(ours, id);
        try
        {
            _ = process.Answer();
            return process;
        }
        catch (LiveUnavailableException)
        {
            process.Dispose();
            throw;
        }
    }

    private string Ask(string message) => ScenarioProcessMessage.Send(channel, message) ? Answer() : throw EndedUnexpectedly();

    private string Answer() => ScenarioProcessMessage.Receive(channel) switch
    {
        [ScenarioProcessMessage.Result, .. var result] => result,
        [ScenarioProcessMessage.Unavailable, .. var whyNot] => throw new LiveUnavailableException(whyNot),
        _ => throw EndedUnexpectedly(),
    };

    private bool AwaitEnd()
    {
        for (var wait = 0; wait < EndWaits; wait++)
        {
            if (_hasEnded = ChildWaitCall.TryReap(Id))
                return true;
            SleepCall.Wait(EndWaitMicroseconds);
        }
        throw new LiveUnavailableException($"the scenario's process {Id} does not end");
    }

    private static LiveUnavailableException EndedUnexpectedly() => new("a scenario's process ended unexpectedly");
}

/// <summary>
/// Keeps a child's birth and the closing of sockets apart, in all threads: from fork() until its exec() is done a child has a copy of every
/// descriptor, and as long as there is a copy, close(2) of the other one ends nothing.
/// </summary>
internal static class ForkGate
{
    private static readonly ReaderWriterLockSlim Births = new();

    /// <summary>Closes something while no child is being born.</summary>
    internal static T Close<T>(Func<T> close)
    {
        Births.EnterReadLock();
        try
        {
            return close();
        }
        finally
        {
            Births.ExitReadLock();
        }
    }

    /// <summary>Closes a descriptor while no child is being born.</summary>
    internal static void Close(IDisposable descriptor)
    {
        Births.EnterReadLock();
        try
        {
            descriptor.Dispose();
        }
        finally
        {
            Births.ExitReadLock();
        }
    }

    /// <summary>Starts a child, and waits until it runs its own program, while nothing is closed.</summary>
    internal static T Start<T>(Func<T> start)
    {
        Births.EnterWriteLock();
        try
        {
            return start();
        }
        finally
        {
            Births.ExitWriteLock();
        }
    }
}
