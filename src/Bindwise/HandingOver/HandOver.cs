namespace Bindwise;

/// <summary>Listening sockets could not be handed over. The instance that had them serves on.</summary>
/// <param name="message">One sentence: what, why, and what to do.</param>
public sealed class HandOverException(string message) : Exception(message), IBindwiseException
{
    internal HandOverFailure Failure { get; init; }

    /// <summary>The other end's process, of a connection that it closed; 0 where it is not known.</summary>
    internal int Process { get; init; }
}

/// <summary>
/// What went wrong between two instances: what is told once a minute at most, and decides whether a new instance asks again.
/// </summary>
internal enum HandOverFailure
{
    /// <summary>Nothing; of an exception, what only its reader can mend, such as too few descriptors.</summary>
    None,

    User,

    /// <summary>No version of the protocol is understood by both.</summary>
    Version,

    /// <summary>The old instance gives nothing, for another reason.</summary>
    Refused,

    /// <summary>The connection was closed instead of an answer.</summary>
    Closed,

    /// <summary>What came is not what an instance says.</summary>
    Garbage,

    /// <summary>Somebody connected and did not ask.</summary>
    NotAsked,

    /// <summary>What was offered could not be delivered.</summary>
    NotDelivered,

    /// <summary>The new instance ended before it was ready.</summary>
    EndedEarly,

    /// <summary>The other end took too long.</summary>
    TooLate,
}

/// <summary>How an old and a new instance of a program hand listening sockets over. Immutable; checked when it is used.</summary>
public sealed record HandOverOptions
{
    /// <summary>
    /// The UNIX socket at which the instance that serves gives its listening sockets to the next one: a path, or <c>@name</c> for an
    /// abstract name (unix(7)). Every instance names the same. Its file has mode 0600, and only the same user and root are answered
    /// (SO_PEERCRED). Null: nothing is handed over between processes, and <see cref="UseDescriptorStore"/> must be set.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>
    /// How long a new instance waits for the sockets of the old one, which may be handing over to another first, and for its answer at the
    /// end; more than zero, or <see cref="Timeout.InfiniteTimeSpan"/>. As long it asks again, with growing pauses, whoever closes the
    /// connection, refuses, or answers what no instance says.
    /// </summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the old instance waits until the new one is ready (<see cref="ListenerHandOver.ReadyAsync"/>). After that it goes on alone,
    /// and the new one fails. More than zero, or <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan ReadyTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the old instance may take, from the hand-over on, to finish the connections that it has; then <see
    /// cref="ListenerHandOver.DrainExpired"/> is cancelled. Zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Takes the sockets that the service manager kept for this service, and gives it the sockets to keep for the next start (FDSTORE=1 of
    /// sd_notify(3); the unit needs <c>FileDescriptorStoreMax=</c>). During a <c>systemctl restart</c> connections then wait, and none is
    /// refused.
    /// </summary>
    public bool UseDescriptorStore { get; init; }

    /// <summary>
    /// Whether a new instance's start fails at once when the old one understands no version of the hand-over's protocol that this one does:
    /// set it where nobody stops the old one meanwhile. False: the new one asks again until <see cref="WaitTimeout"/> is over, and binds if
    /// the old one has ended by then.
    /// </summary>
    public bool FailOnVersionMismatch { get; init; }

    /// <summary>
    /// Called for a log: in the old instance when somebody asked for the sockets and was refused or did not become ready, and it serves on;
    /// in the new one when it got nothing, and asks again. It is called once a minute at most for each kind of failure, and the message
    /// says how many were left out. Another user's process is refused without a call, since anybody could fill the log. It is called on a
    /// thread of the hand-over, and must not throw. Null for none.
    /// </summary>
    public Action<HandOverException>? OnAttemptFailed { get; init; }

    /// <summary>
    /// The clock of the pauses between a new instance's questions, and of the minute of <see cref="OnAttemptFailed"/>. What the other
    /// instance says is awaited in real time.
    /// </summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What a test says of this instance instead.</summary>
    internal HandOverVersions Versions { get; init; } = HandOverVersions.Own;
}

internal static class HandOverCheck
{
    /// <exception cref="ArgumentException">They contradict themselves.</exception>
    public static void Check(HandOverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Path is null && !options.UseDescriptorStore)
            throw new ArgumentException("The hand-over needs a Path, UseDescriptorStore, or both.", nameof(options));
        if (options.Path is "" or "@")
            throw new ArgumentException("Path must be a path, or @name for an abstract one.", nameof(options));
        if (options.TimeProvider is null)
            throw new ArgumentNullException(nameof(options), "TimeProvider must not be null: TimeProvider.System is the system's.");
        CheckTime(options.WaitTimeout, nameof(options.WaitTimeout), isZeroAllowed: false, nameof(options));
        CheckTime(options.ReadyTimeout, nameof(options.ReadyTimeout), isZeroAllowed: false, nameof(options));
        CheckTime(options.DrainTimeout, nameof(options.DrainTimeout), isZeroAllowed: true, nameof(options));
    }

    /// <exception cref="ArgumentException">One of them cannot be.</exception>
    public static void Check(ImmutableArray<ListenRequest> requests)
    {
        if (requests.Any(static one => one.UnixPath is not null && one.CreateBoundSocket is not null))
            throw new ArgumentException(
                "A UNIX socket that your own code makes (CreateBoundSocket) cannot be handed over, because .NET removes its file when it "
                    + "is closed: leave it to the library, with ConfigureSocket for options.", nameof(requests));
    }

    internal static bool IsTime(TimeSpan time, bool isZeroAllowed) => time == Timeout.InfiniteTimeSpan
        || ((isZeroAllowed ? time >= TimeSpan.Zero : time > TimeSpan.Zero) && time.TotalMilliseconds <= int.MaxValue);

    private static void CheckTime(TimeSpan time, string name, bool isZeroAllowed, string parameter)
    {
        if (!IsTime(time, isZeroAllowed))
            throw new ArgumentOutOfRangeException(parameter, time,
                $"{name} must be {(isZeroAllowed ? "zero or more" : "more than zero")} and at most {int.MaxValue} ms, or "
                    + "Timeout.InfiniteTimeSpan.");
    }
}
