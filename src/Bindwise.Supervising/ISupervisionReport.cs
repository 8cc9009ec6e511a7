namespace Bindwise.Supervising;

/// <summary>What happened to a socket of a supervised program.</summary>
internal enum SupervisionEvent
{
    Bind,
    Listen,

    /// <summary>SO_REUSEADDR was set, or kept set.</summary>
    OptionSet,

    /// <summary>The program got another address or port than it asked for.</summary>
    Moved,

    /// <summary>bind() waits until the port is free.</summary>
    Held,

    Started,
    Exited,
    Restarted,
}

/// <summary>Who tells people what the supervisor sees. Called by the supervisor's one thread, while the program's call waits.</summary>
internal interface ISupervisionReport
{
    /// <returns>Why one cannot be written, one line; null when they can.</returns>
    string? Open(SupervisionPlan plan);

    /// <summary>Explains a refused call: as the text for the program's standard error, and to its file.</summary>
    /// <returns>The text, with its line's end; empty for nothing.</returns>
    string Explain(RefusedCall call);

    /// <summary>The process that calls has the address already, on another socket.</summary>
    bool IsHeldByCaller(RefusedCall call);

    /// <summary>Says that a call waits now, and for whom, as the text for the program's standard error.</summary>
    string ReportWaiting(RefusedCall call);

    /// <summary>Says in one line what has to be said beside that.</summary>
    string Note(string message);

    /// <param name="reason">Of a call that waits the errno, of a move where from, of an option its name, of an end
    /// the exit code or signal; null for nothing.</param>
    void Record(SupervisionEvent what, int process, IpEndpoint? endpoint, string? reason);

    /// <summary>Records a call that failed. If it is to be explained as well, that follows at once.</summary>
    /// <param name="isNew">None like it failed shortly before: it is worth a look at the system.</param>
    void RecordRefused(RefusedCall call, bool isNew);
}

/// <summary>
/// What keeps a program's sockets beyond its end, and gives them to its next start. Called while the program's call waits.
/// </summary>
internal interface ISocketKeeper
{
    /// <summary>
    /// Puts a kept socket that is bound to the same address in the place of the one that is to be bound. The kernel was asked before: with
    /// its own rights the program got the address, or was refused it because it is in use.
    /// </summary>
    /// <param name="scope">An interface's index for a link-local address; 0 for none.</param>
    /// <returns>True: the program has a bound socket, and bind() is done.</returns>
    bool TryGive(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, uint scope);

    /// <summary>
    /// Closes kept sockets that are in the way of a bind(): those that no start has, and those that this one alone had, and closed.
    /// </summary>
    bool MakeRoom(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint);

    void Bound(WaitingCall call, TrappedSocket socket, IpEndpoint endpoint, uint scope);

    /// <summary>
    /// Puts a kept UNIX socket in the place of the one that is to be bound, where the file there, or the abstract name, is the kept one's
    /// own: by that the program's own bind() would fail. Where there is none, the socket may be kept once it listens.
    /// </summary>
    /// <param name="name">The whole path, or the abstract name with an @.</param>
    /// <returns>True: the program has a bound socket, and bind() is done.</returns>
    bool TryGiveAt(WaitingCall call, TrappedSocket socket, string name, ThreadRights rights);

    /// <summary>
    /// A UNIX socket is going to listen, by the kernel: it is kept, where the file that its bind() named is its own. Where one is kept
    /// whose file the program has removed, that one takes its place, and its file the new one's.
    /// </summary>
    void ListenAt(WaitingCall call, ThreadRights rights);

    /// <returns>What listen(2) gave; null where it was not done.</returns>
    Errno? Listen(WaitingCall call, TrappedSocket socket, int backlog, ThreadRights rights);

    /// <summary>Keeps shutdown(2) of a kept socket from resetting the connections that wait in it.</summary>
    /// <returns>True: answered.</returns>
    bool Shutdown(WaitingCall call, ProgramRights rights);

    /// <summary>
    /// Keeps connect(2) with AF_UNSPEC of a kept socket, which ends its listening, from the same; and refuses one to the path of a kept
    /// UNIX socket that this start does not have.
    /// </summary>
    /// <returns>True: answered.</returns>
    bool Connect(WaitingCall call, ProgramRights rights);

    /// <summary>No thread of the program is left.</summary>
    void End();
}
