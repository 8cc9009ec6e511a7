namespace Bindwise.Supervising;

/// <summary>What happened to a socket of a supervised program.</summary>
internal enum SupervisionEvent
{
    /// <summary>bind() succeeded.</summary>
    Bind,

    /// <summary>listen() succeeded.</summary>
    Listen,

    /// <summary>SO_REUSEADDR was set, or kept set.</summary>
    OptionSet,

    /// <summary>The program got another address or port than it asked for.</summary>
    Moved,

    /// <summary>bind() waits until the port is free.</summary>
    Held,

    /// <summary>The program was started for the first time.</summary>
    Started,

    /// <summary>A start of the program has ended.</summary>
    Exited,

    /// <summary>The program was started again.</summary>
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
    string TellWaiting(RefusedCall call);

    /// <summary>Says in one line what has to be said beside that.</summary>
    string Note(string message);

    /// <param name="reason">Of a call that waits the errno, of a move where from, of an option its name, of an end
    /// the exit code or signal; null for nothing.</param>
    void Record(SupervisionEvent what, int process, IpEndpoint? endpoint, string? reason);

    /// <summary>Records a call that failed. If it is to be explained as well, that follows at once.</summary>
    /// <param name="isNew">None like it failed shortly before: it is worth a look at the system.</param>
    void RecordRefused(RefusedCall call, bool isNew);
}
