namespace Bindwise.Supervising.Restarting;

/// <summary>Something that happened to a program or its starts.</summary>
internal abstract record RestartEvent
{
    private RestartEvent()
    {
    }

    internal sealed record Begun : RestartEvent;
    internal sealed record Spawned(int Id, int ProcessId) : RestartEvent;
    internal sealed record NotSpawned(int Id, string Why) : RestartEvent;

    /// <summary>Its filter is installed, or could not be; it goes on with what is kept.</summary>
    /// <param name="AreSocketsSeen">False: nothing will tell when it listens.</param>
    internal sealed record Prepared(int Id, bool IsSupervised, bool HasPassedSockets, bool AreSocketsSeen) : RestartEvent;

    internal sealed record Executed(int Id) : RestartEvent;
    internal sealed record NotExecuted(int Id, string Fault) : RestartEvent;
    internal sealed record Listened(int Id) : RestartEvent;
    /// <summary>
    /// It got a kept socket that listens already: a program may see that (SO_ACCEPTCONN) and leave out its listen(), as haproxy does.
    /// </summary>
    internal sealed record GotListener(int Id) : RestartEvent;

    internal sealed record Checked(int Id, bool HasAllPorts, bool HasAll) : RestartEvent;
    internal sealed record Exited(int Id, int ExitCode, int Signal) : RestartEvent;

    /// <summary>The last thread with its filter has ended.</summary>
    internal sealed record FellSilent(int Id) : RestartEvent;

    /// <summary>So many processes were found that it left behind; null where they could not be looked for.</summary>
    /// <param name="HasSockets">They have a kept socket open.</param>
    internal sealed record RestCounted(int Id, int? Count, bool HasSockets = false) : RestartEvent;

    /// <param name="IsOfChange">A file changed, which may be the work of a program that is shutting down.</param>
    internal sealed record RestartAsked(string Reason, bool IsOfChange = false) : RestartEvent;

    /// <summary>The last start is under way.</summary>
    /// <param name="Signal">What the starts are sent; null where it reached them already.</param>
    internal sealed record StopAsked(int? Signal) : RestartEvent;

    /// <summary>SIGINT, which is final where the starts end soon after it.</summary>
    /// <param name="IsTyped">By Ctrl+C, which has reached them.</param>
    internal sealed record Interrupted(bool IsTyped) : RestartEvent;

    /// <summary>Ctrl+\ was typed, which has reached the starts: what they do about it decides.</summary>
    internal sealed record QuitTyped : RestartEvent;

    internal sealed record SignalCame(int Signal) : RestartEvent;
    internal sealed record TimePassed : RestartEvent;
}

/// <summary>Something to be done about it, in this order.</summary>
internal abstract record RestartEffect
{
    private RestartEffect()
    {
    }

    /// <summary>Start the program; <see cref="RestartEvent.Spawned"/> or <see cref="RestartEvent.NotSpawned"/> follows.</summary>
    internal sealed record Spawn(int Id) : RestartEffect;

    internal sealed record Send(int Id, int Signal) : RestartEffect;

    /// <summary>Count what a start left behind; <see cref="RestartEvent.RestCounted"/> follows.</summary>
    internal sealed record CountRest(int Id) : RestartEffect;

    /// <summary>Send what was counted last a signal; SIGTERM to each but once.</summary>
    internal sealed record SendToRest(int Id, int Signal) : RestartEffect;

    /// <summary>
    /// See whether a start waits for the clients of a kept socket; <see cref="RestartEvent.Listened"/> follows where it does.
    /// </summary>
    internal sealed record CheckListener(int Id) : RestartEffect;

    internal sealed record Forget(int Id) : RestartEffect;
    internal sealed record RestoreFiles : RestartEffect;

    /// <summary>Close what no start has taken.</summary>
    internal sealed record ReleaseUntaken : RestartEffect;

    internal sealed record NotifyManager(ManagerWord Word) : RestartEffect;
    internal sealed record Report(string Sentence) : RestartEffect;
    internal sealed record RecordStart(int ProcessId, string? Reason) : RestartEffect;
    internal sealed record RecordEnd(int ProcessId, StartEnd End) : RestartEffect;
}

internal enum ManagerWord : byte
{
    Ready,

    /// <summary>The program is started again.</summary>
    Restarts,

    /// <summary>The new start failed, and the old one, which was up, goes on.</summary>
    GoesOn,

    /// <summary>The last start is told to stop.</summary>
    Stops,
}
