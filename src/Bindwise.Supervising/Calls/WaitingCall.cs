namespace Bindwise.Supervising.Calls;

/// <summary>A call of a supervised program that waits for its answer.</summary>
internal sealed class WaitingCall
{
    private const int MultiplexedArguments = 3;

    private readonly SafeFileDescriptor _listener;
    private readonly SystemCallNotice _notice;
    private readonly ulong[] _arguments;
    private List<TrappedSocket>? _copies;
    private CallKind? _multiplexed;
    private int _process;

    internal WaitingCall(SafeFileDescriptor listener, in SystemCallNotice notice, CallThread by)
    {
        (_listener, _notice, By) = (listener, notice, by);
        _arguments = [notice.Argument0, notice.Argument1, notice.Argument2, notice.Argument3, notice.Argument4];
        Named = CallTable.KindOf(notice);
    }

    /// <summary>What it is by its number alone, before anything was read for it.</summary>
    internal CallKind Named { get; }

    internal CallKind Kind => _multiplexed ?? Named;

    /// <summary>Its thread, as this PID namespace numbers it; 0 where it has no number here.</summary>
    internal int Thread => unchecked((int)_notice.Thread);

    /// <summary>Its process; 0 where that is not told. Reads /proc, so the thread has to leave its gate for it.</summary>
    internal int Process => _process != 0 ? _process : _process = ThreadFile.Leader(Thread);

    internal int Descriptor => unchecked((int)_arguments[0]);
    internal ulong InstructionPointer => _notice.InstructionPointer;

    internal CallThread By { get; set; }

    internal ulong Argument(int at) => _arguments[at];

    /// <summary>An argument as a signed number of 32 bits.</summary>
    internal int Number(int at) => unchecked((int)_arguments[at]);

    /// <summary>Asks the kernel whether it still waits: before every effect, and after whatever was read of its process.</summary>
    internal bool TryConfirm(out StandingCall standing) => StandingCall.TryFind(_listener, _notice.Id, out standing);

    /// <summary>It still waits, so what was read of its process is its process's.</summary>
    internal bool IsStanding => TryConfirm(out _);

    /// <summary>Looks at its process, or touches its sockets, while the thread has left its gate.</summary>
    internal T Inspect<T>(Func<T> inspect)
    {
        using (By.Leave())
            return inspect();
    }

    /// <summary>
    /// A copy of a socket of its process is closed before it goes on: until then the program's close() would not be the last one, which
    /// sends the FIN and frees the port.
    /// </summary>
    internal void CloseBeforeAnswer(TrappedSocket copy) => (_copies ??= []).Add(copy);

    /// <summary>The copy stays open beyond the answer.</summary>
    internal void KeepOpen(TrappedSocket copy) => _copies?.Remove(copy);

    internal void Pass()
    {
        CloseCopies();
        if (TryConfirm(out var standing))
            standing.Pass();
    }

    internal void Answer(Errno errno)
    {
        CloseCopies();
        if (TryConfirm(out var standing))
            standing.Answer(errno);
    }

    private void CloseCopies()
    {
        _copies?.ForEach(static copy => copy.Dispose());
        _copies = null;
    }

    /// <summary>Copies from its process's memory.</summary>
    /// <returns>EFAULT for what is not mapped; EPERM without the right to trace it; ESRCH where the call no longer waits.</returns>
    internal Errno Read(ulong address, Span<byte> buffer)
    {
        Errno errno;
        using (By.Leave())
            errno = ForeignMemory.Read(Thread, address, buffer);
        return IsStanding ? errno : Errno.ESRCH;
    }

    /// <summary>Reads the arguments of a call of socketcall(2), and becomes that call.</summary>
    /// <returns>False where they cannot be read.</returns>
    internal bool Resolve()
    {
        if (Named != CallKind.Multiplexed || _multiplexed is not null)
            return true;
        Span<byte> words = stackalloc byte[MultiplexedArguments * sizeof(uint)];
        var kind = (uint)_notice.Argument0 == CallTable.MultiplexedBind ? CallKind.Bind : CallKind.Listen;
        var count = kind == CallKind.Bind ? MultiplexedArguments : MultiplexedArguments - 1;
        if (Read(_notice.Argument1, words[..(count * sizeof(uint))]) != Errno.None)
            return false;
        for (var at = 0; at < count; at++)
            _arguments[at] = BitConverter.ToUInt32(words[(at * sizeof(uint))..]);
        _multiplexed = kind;
        return true;
    }
}
