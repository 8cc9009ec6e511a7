namespace Bindwise.Linux.Native;

/// <content>The filter of an audit.</content>
internal static unsafe partial class SeccompCall
{
    private const uint DomainAt = 16;

    /// <summary>
    /// Installs the filter of an audit on the calling thread: socket() of UNIX and IP, bind(), listen(), execve(), landlock_restrict_self(), and setsockopt() of the
    /// options that bind() reads. What happens once for each accepted connection is not in it.
    /// </summary>
    /// <param name="listener">Where the calls are handed to.</param>
    /// <param name="isKillableOnly">A call that waits is ended by fatal signals alone.</param>
    /// <returns>EBUSY where another listener supervises this thread already.</returns>
    internal static Errno InstallForAudit(out SafeFileDescriptor listener, out bool isKillableOnly) => Install(AuditProgram(), out listener, out isKillableOnly);

    // Jumps count the instructions between; each number is the way from its line to the one that the comment names.
    private static Instruction[] AuditProgram() =>
    [
        /*  0 */ new(LoadWord, 0, 0, ArchitectureAt),
        /*  1 */ new(JumpIfEqual, 1, 0, (uint)OwnArchitecture),
        /*  2 */ new(Return, 0, 0, Allow),
        /*  3 */ new(LoadWord, 0, 0, NumberAt),
        /*  4, to 12 */ new(JumpIfEqual, 7, 0, (uint)SystemCallNumber.Bind),
        /*  5 */ new(JumpIfEqual, 6, 0, (uint)SystemCallNumber.Listen),
        /*  6 */ new(JumpIfEqual, 5, 0, (uint)SystemCallNumber.Execute),
        /*  7 */ new(JumpIfEqual, 4, 0, (uint)SystemCallNumber.ExecuteAt),
        /*  8 */ new(JumpIfEqual, 3, 0, (uint)SystemCallNumber.LandlockRestrictSelf),
        /*  9, to 13 */ new(JumpIfEqual, 3, 0, (uint)SystemCallNumber.Socket),
        /* 10, to 18 */ new(JumpIfEqual, 7, 0, (uint)SystemCallNumber.SetSocketOption),
        /* 11 */ new(Return, 0, 0, Allow),
        /* 12 */ new(Return, 0, 0, Notify),
        /* 13: socket() */ new(LoadWord, 0, 0, DomainAt),
        /* 14, to 35 */ new(JumpIfEqual, 20, 0, SocketCall.FamilyUnix),
        /* 15 */ new(JumpIfEqual, 19, 0, SocketCall.FamilyIPv4),
        /* 16 */ new(JumpIfEqual, 18, 0, SocketCall.FamilyIPv6),
        /* 17 */ new(Return, 0, 0, Allow),
        /* 18: setsockopt() */ new(LoadWord, 0, 0, LevelAt),
        /* 19, to 23 */ new(JumpIfEqual, 3, 0, SocketOptionCall.LevelSocket),
        /* 20, to 27 */ new(JumpIfEqual, 6, 0, SocketOptionCall.LevelIPv4),
        /* 21, to 32 */ new(JumpIfEqual, 10, 0, SocketOptionCall.LevelIPv6),
        /* 22 */ new(Return, 0, 0, Allow),
        /* 23 */ new(LoadWord, 0, 0, OptionAt),
        /* 24, to 35 */ new(JumpIfEqual, 10, 0, SocketOptionCall.ReuseAddress),
        /* 25 */ new(JumpIfEqual, 9, 0, SocketOptionCall.ReusePort),
        /* 26 */ new(Return, 0, 0, Allow),
        /* 27 */ new(LoadWord, 0, 0, OptionAt),
        /* 28, to 35 */ new(JumpIfEqual, 6, 0, SocketOptionCall.BindAddressNoPort),
        /* 29 */ new(JumpIfEqual, 5, 0, SocketOptionCall.Freebind),
        /* 30 */ new(JumpIfEqual, 4, 0, SocketOptionCall.Transparent),
        /* 31 */ new(Return, 0, 0, Allow),
        /* 32 */ new(LoadWord, 0, 0, OptionAt),
        /* 33, to 35 */ new(JumpIfEqual, 1, 0, SocketOptionCall.V6Only),
        /* 34 */ new(Return, 0, 0, Allow),
        /* 35 */ new(Return, 0, 0, Notify),
    ];
}
