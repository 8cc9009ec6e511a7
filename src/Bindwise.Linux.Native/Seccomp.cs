namespace Bindwise.Linux.Native;

/// <summary>
/// struct seccomp_notif with its struct seccomp_data (seccomp_unotify(2),
/// include/uapi/linux/seccomp.h): a system call that waits for an answer.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SystemCallNotice
{
    internal ulong Id;

    /// <summary>A thread's id, as the reader's PID namespace numbers it; 0 where it has none there.</summary>
    internal uint Thread;
    internal uint Flags;
    internal int Number;
    internal uint Architecture;
    internal ulong InstructionPointer;
    internal ulong Argument0;
    internal ulong Argument1;
    internal ulong Argument2;
    internal ulong Argument3;
    internal ulong Argument4;
    internal ulong Argument5;

    internal const int SizeBytes = 80;
}

/// <summary>struct seccomp_notif_resp (seccomp_unotify(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SystemCallAnswer
{
    internal ulong Id;
    internal long Value;

    /// <summary>A negative errno; 0 for none.</summary>
    internal int Error;
    internal uint Flags;

    internal const int SizeBytes = 24;
}

/// <summary>
/// seccomp(2): a filter on the calling thread, and on what it becomes and starts, that hands some calls to whoever has its listener.
/// </summary>
internal static unsafe class SeccompCall
{
    private const int SetModeFilter = 1;
    private const nint NewListener = 8;
    private const nint WaitKillable = 32;
    private const int SetNoNewPrivileges = 38;
    private const int GetNoNewPrivileges = 39;
    private const int SetPtracer = 0x59616d61;

    /// <summary>Whether what this thread starts can gain no rights by its file (PR_GET_NO_NEW_PRIVS).</summary>
    internal static bool HasNoNewPrivileges() => LibC.Prctl(GetNoNewPrivileges, 0) == 1;

    /// <summary>
    /// Lets a process trace this one where Yama restricts that to descendants (PR_SET_PTRACER); without Yama the kernel answers EINVAL.
    /// </summary>
    internal static void AllowTracer(int process) => _ = LibC.Prctl(SetPtracer, process);

    /// <summary>
    /// Installs a filter on the calling thread. Without CAP_SYS_ADMIN the kernel first wants PR_SET_NO_NEW_PRIVS, which is then set.
    /// </summary>
    /// <param name="isKillableOnly">A call that waits is ended by fatal signals alone
    /// (SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19).</param>
    /// <returns>EBUSY where another listener supervises this thread already.</returns>
    internal static Errno Install(CallFilter filter, out SafeFileDescriptor listener, out bool isKillableOnly)
    {
        var program = filter.ToProgram();
        var errno = TryInstall(program, out listener, out isKillableOnly);
        if (errno != Errno.EACCES)
            return errno;
        _ = LibC.Prctl(SetNoNewPrivileges, 1);
        return TryInstall(program, out listener, out isKillableOnly);
    }

    private static Errno TryInstall(FilterInstruction[] program, out SafeFileDescriptor listener, out bool isKillableOnly)
    {
        fixed (FilterInstruction* start = program)
        {
            var filter = new FilterProgram { Length = (ushort)program.Length, Start = start };
            var number = OptionalCall.Seccomp.Make(SetModeFilter, NewListener | WaitKillable, (nint)(&filter));
            var errno = LastError.Of(number, out listener);
            isKillableOnly = errno == Errno.None;
            return errno != Errno.EINVAL ? errno
                : LastError.Of(OptionalCall.Seccomp.Make(SetModeFilter, NewListener, (nint)(&filter)), out listener);
        }
    }

    // struct sock_fprog on 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        internal ushort Length;
        internal FilterInstruction* Start;
    }
}

/// <summary>
/// The listener of a <see cref="SeccompCall"/> filter: takes calls that wait (seccomp_unotify(2)). <see cref="StandingCall"/> answers them.
/// </summary>
internal static unsafe class SeccompListener
{
    private const nuint ReceiveRequest = 0xC050_2100;
    private const nuint SetFlagsRequest = 0x4008_2104;
    private const nint WakeHere = 1;
    private const short Readable = 1;
    private const short HangUp = 0x10;

    /// <summary>
    /// Wakes whoever waits for the listener, and the thread whose call is answered, on the processor where the other one runs: the one goes
    /// on when the other waits, and to wake another processor takes longer than most calls (Linux 6.6; before that it stays as it is).
    /// </summary>
    internal static void WakeOnSameProcessor(SafeFileDescriptor listener) => _ = LibC.Ioctl(listener, SetFlagsRequest, (void*)WakeHere);

    /// <param name="milliseconds">How long at most; -1: without end. A signal ends it early.</param>
    /// <param name="isOver">No thread has the filter any more.</param>
    internal static bool Wait(SafeFileDescriptor listener, int milliseconds, out bool isOver)
    {
        var entry = new PollEntry { Descriptor = listener.Number, Events = Readable };
        var count = LibC.Poll(&entry, 1, milliseconds);
        isOver = count > 0 && (entry.Happened & HangUp) != 0;
        return count > 0 && (entry.Happened & Readable) != 0;
    }

    /// <returns>ENOENT where its thread was killed meanwhile.</returns>
    internal static Errno Receive(SafeFileDescriptor listener, out SystemCallNotice notice)
    {
        Errno errno;
        fixed (SystemCallNotice* start = &notice)
        {
            do
            {
                // The kernel wants zeros (EINVAL).
                *start = default;
                errno = LastError.Of(LibC.Ioctl(listener, ReceiveRequest, start));
            }
            while (errno == Errno.EINTR);
        }
        return errno;
    }
}

/// <summary>process_vm_readv(2): another process's memory, copied once.</summary>
internal static unsafe class ForeignMemory
{
    /// <param name="address">Where; whatever the process says.</param>
    /// <returns>EFAULT for what is not mapped; EPERM without the right to trace it.</returns>
    internal static Errno Read(int thread, ulong address, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var here = new IoVector { Start = start, LengthBytes = (nuint)buffer.Length };
            var there = new IoVector { Start = (void*)(nuint)address, LengthBytes = (nuint)buffer.Length };
            var length = LibC.ProcessVmReadv(thread, &here, 1, &there, 1, 0);
            return length < 0 ? LastError.Value : length == buffer.Length ? Errno.None : Errno.EFAULT;
        }
    }
}

/// <summary>
/// A call of which the kernel said a moment ago that it still waits (SECCOMP_IOCTL_NOTIF_ID_VALID): what was opened and read by its
/// thread's number before that is that thread's, as the thread cannot go on, change its rights or be replaced while it waits. Every effect
/// asks for one, nothing else makes one, and it cannot be kept: so no effect can be written without the question before it.
/// </summary>
internal readonly unsafe ref struct StandingCall
{
    private const nuint SendRequest = 0xC018_2101;
    private const nuint IsValidRequest = 0x4008_2102;
    private const nuint AddRequest = 0x4018_2103;
    private const uint SetNumber = 1;
    private const uint CloseOnExec = 0x80000;
    private const uint Continue = 1;

    private readonly SafeFileDescriptor _listener;
    private readonly ulong _id;

    private StandingCall(SafeFileDescriptor listener, ulong id) => (_listener, _id) = (listener, id);

    /// <param name="id">The notification's id, which no other call gets.</param>
    /// <param name="call">The call; what has no listener where it does not.</param>
    /// <returns>False where its thread was killed, or the call was answered.</returns>
    internal static bool TryFind(SafeFileDescriptor listener, ulong id, out StandingCall call)
    {
        var isThere = Control(listener, IsValidRequest, &id) == Errno.None;
        call = isThere ? new StandingCall(listener, id) : default;
        return isThere;
    }

    /// <summary>Lets the kernel do the call as if there were no filter.</summary>
    internal void Pass() => Send(new SystemCallAnswer { Id = _id, Flags = Continue });

    /// <summary>Ends the call with a result, and the kernel does nothing.</summary>
    /// <param name="errno">None: it returns 0.</param>
    internal void Answer(Errno errno) => Send(new SystemCallAnswer { Id = _id, Error = -(int)errno });

    /// <summary>
    /// Makes a descriptor of the thread whose call waits another name of what this process has open; what had its number is closed there.
    /// </summary>
    /// <returns>ENOENT where the thread was killed; EMFILE or EBADF for a number that it cannot have.</returns>
    internal Errno SetDescriptor(SafeFileDescriptor file, int descriptor, bool isClosedOnExec)
    {
        // struct seccomp_notif_addfd: id, flags, srcfd, newfd, newfd_flags.
        var request = stackalloc uint[] { unchecked((uint)_id), (uint)(_id >> 32), SetNumber, (uint)file.Number, (uint)descriptor,
            isClosedOnExec ? CloseOnExec : 0 };
        return Control(_listener, AddRequest, request);
    }

    // ENOENT: the thread was killed, and nobody waits for the answer.
    private void Send(SystemCallAnswer answer) => _ = Control(_listener, SendRequest, &answer);

    // Each of them waits for the filter's lock, and a signal to this thread ends that: the call would wait for ever.
    private static Errno Control(SafeFileDescriptor listener, nuint request, void* argument)
    {
        Errno errno;
        do
            errno = LastError.Of(LibC.Ioctl(listener, request, argument));
        while (errno == Errno.EINTR);
        return errno;
    }
}
