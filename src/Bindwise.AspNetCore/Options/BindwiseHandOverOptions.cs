using System.Runtime.Versioning;

namespace Bindwise.AspNetCore;

/// <summary>
/// How an old and a new instance of the application hand Kestrel's listening sockets over, so that a deployment refuses and resets no
/// connection. Off until <see cref="Path"/> or <see cref="UseDescriptorStore"/> is set. On other systems than Linux a warning is logged,
/// and the endpoints are bound as ever.
/// </summary>
public sealed class BindwiseHandOverOptions
{
    /// <summary>
    /// The UNIX socket at which the instance that serves gives its listening sockets to the next one: a path such as
    /// <c>/run/app/hand-over.sock</c>, or
    /// <c>@name</c> for an abstract name. Every instance names the same; only the same user and root are answered. Null for none.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// How long a new instance waits for the sockets of the old one, which may be handing over to another first; more than zero. As long it
    /// asks again, with growing pauses, whoever closes the connection, refuses, or answers what no instance says.
    /// </summary>
    public TimeSpan WaitTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether the start of a new instance fails at once when the old one understands no version of the hand-over's protocol that this one
    /// does. False: it asks again until <see cref="WaitTimeout"/> is over, and binds if the old one has ended by then.
    /// </summary>
    public bool FailOnVersionMismatch { get; set; }

    /// <summary>
    /// How long the old instance waits until the new one has started; then it goes on alone, and the new one's start fails. More than zero.
    /// </summary>
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long the old instance keeps connections open that are idle when it accepts no more: whoever has just connected, or is about to
    /// send, gets an
    /// answer. In this time HTTP/1.1 answers say <c>Connection: close</c>, and HTTP/2 connections that are used get a GOAWAY. Zero or more.
    /// </summary>
    public TimeSpan ConnectionGracePeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long requests and WebSockets may take to end after that, in place of <c>HostOptions.ShutdownTimeout</c>; what is left is then
    /// aborted. Null: the host's own (30 s by default).
    /// </summary>
    public TimeSpan? DrainTimeout { get; set; }

    /// <summary>
    /// Gives the service manager the listening sockets to keep for the next start, and takes those that it
    /// kept (FDSTORE=1 of sd_notify(3); the unit needs
    /// <c>FileDescriptorStoreMax=</c>). During a <c>systemctl restart</c> connections then wait, and none is refused.
    /// </summary>
    public bool UseDescriptorStore { get; set; }

    [SupportedOSPlatformGuard("linux")]
    internal bool IsOn => IsWanted && IsSupported;

    /// <summary>Whether anything is to be handed over, where the system can do it.</summary>
    internal bool IsWanted => Path is not null || UseDescriptorStore;

    /// <summary>Whether the system can do it; a test may say that it cannot.</summary>
    [SupportedOSPlatformGuard("linux")]
    internal bool IsSupported { get; set; } = OperatingSystem.IsLinux();
}
