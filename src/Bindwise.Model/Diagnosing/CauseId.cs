using System.Collections.Immutable;

namespace Bindwise.Model.Diagnosing;

/// <summary>
/// Why a bind() fails (or does not), for people: a stable kebab-case id with a page of its own in docs/causes/.
/// The documents, the text output, the JSON and the library's exception share it.
/// </summary>
/// <param name="Value">The id.</param>
public readonly record struct CauseId(string Value)
{
    /// <summary>Nothing is in the way.</summary>
    public static readonly CauseId Free = new("free");

    /// <summary>A listening socket holds the address and port.</summary>
    public static readonly CauseId Listener = new("listener");

    /// <summary>A listener on [::] covers IPv4 too.</summary>
    public static readonly CauseId DualStackListener = new("dual-stack-listener");

    /// <summary>Several listeners share the port with SO_REUSEPORT.</summary>
    public static readonly CauseId SharedListener = new("shared-listener");

    /// <summary>The socket's creator is gone or let go; a process that inherited the descriptor keeps it.</summary>
    public static readonly CauseId InheritedDescriptor = new("inherited-descriptor");

    /// <summary>The holder is stopped (Ctrl+Z): it neither serves nor lets go.</summary>
    public static readonly CauseId StoppedProcess = new("stopped-process");

    /// <summary>The holder's leader is a zombie while another thread lives on.</summary>
    public static readonly CauseId ZombieProcess = new("zombie-process");

    /// <summary>The program that failed is already running.</summary>
    public static readonly CauseId SameProgramTwice = new("same-program-twice");

    /// <summary>The service manager listens on behalf of a service.</summary>
    public static readonly CauseId SocketActivation = new("socket-activation");

    /// <summary>A container engine publishes a container's port.</summary>
    public static readonly CauseId PublishedContainerPort = new("published-container-port");

    /// <summary>The descriptor is on its way through a UNIX socket.</summary>
    public static readonly CauseId DescriptorInFlight = new("descriptor-in-flight");

    /// <summary>A process holds it by other means than a descriptor that /proc shows.</summary>
    public static readonly CauseId HiddenDescriptor = new("hidden-descriptor");

    /// <summary>Somebody holds it whom this user may not see.</summary>
    public static readonly CauseId OwnerHidden = new("owner-hidden");

    /// <summary>The kernel itself opened the socket.</summary>
    public static readonly CauseId KernelSocket = new("kernel-socket");

    /// <summary>A socket is bound to the port but does not listen.</summary>
    public static readonly CauseId BoundNotListening = new("bound-not-listening");

    /// <summary>This side closed first: the port waits 60 s.</summary>
    public static readonly CauseId TimeWait = new("time-wait");

    /// <summary>A connection that was accepted outlives its listener.</summary>
    public static readonly CauseId SurvivingConnection = new("surviving-connection");

    /// <summary>The peer closed; a program here has not.</summary>
    public static readonly CauseId CloseWait = new("close-wait");

    /// <summary>This side closed first and waits for the peer's FIN or acknowledgement.</summary>
    public static readonly CauseId FinWait = new("fin-wait");

    /// <summary>The peer closed first; the last acknowledgement has not come.</summary>
    public static readonly CauseId LastAck = new("last-ack");

    /// <summary>An outgoing connection uses the port as its source port.</summary>
    public static readonly CauseId OutgoingConnection = new("outgoing-connection");

    /// <summary>A connection that met itself: both ends are this port.</summary>
    public static readonly CauseId SelfConnection = new("self-connection");

    /// <summary>SO_REUSEPORT was asked for, but not all holders set it, or another user did.</summary>
    public static readonly CauseId ReusePortMismatch = new("reuseport-mismatch");

    /// <summary>A UDP socket holds the port.</summary>
    public static readonly CauseId UdpSocket = new("udp-socket");

    /// <summary>A file at the path of a UNIX socket, with nobody listening.</summary>
    public static readonly CauseId UnixSocketFile = new("unix-socket-file");

    /// <summary>A UNIX socket is bound at that path or name.</summary>
    public static readonly CauseId UnixSocketListener = new("unix-socket-listener");

    /// <summary>The port is below ip_unprivileged_port_start.</summary>
    public static readonly CauseId PrivilegedPort = new("privileged-port");

    /// <summary>A policy (cgroup BPF, SELinux, seccomp) denies the bind.</summary>
    public static readonly CauseId DeniedByPolicy = new("denied-by-policy");

    /// <summary>No interface has the address.</summary>
    public static readonly CauseId AddressNotLocal = new("address-not-local");

    /// <summary>Duplicate address detection has not ended, or failed.</summary>
    public static readonly CauseId AddressTentative = new("address-tentative");

    /// <summary>A link-local address was given without its interface.</summary>
    public static readonly CauseId ScopeMissing = new("scope-missing");

    /// <summary>IPv6 is switched off.</summary>
    public static readonly CauseId IPv6Disabled = new("ipv6-disabled");

    /// <summary>The interface that was asked for does not exist, or does not have the address.</summary>
    public static readonly CauseId DeviceMismatch = new("device-mismatch");

    /// <summary>Every ephemeral port is in use.</summary>
    public static readonly CauseId PortsExhausted = new("ports-exhausted");

    /// <summary>All causes, in the order of the documentation.</summary>
    public static ImmutableArray<CauseId> All { get; } =
    [
        Free, Listener, DualStackListener, SharedListener, InheritedDescriptor, StoppedProcess, ZombieProcess, SameProgramTwice,
        SocketActivation, PublishedContainerPort, DescriptorInFlight, HiddenDescriptor, OwnerHidden, KernelSocket, BoundNotListening,
        TimeWait, SurvivingConnection, CloseWait, FinWait, LastAck, OutgoingConnection, SelfConnection, ReusePortMismatch, UdpSocket,
        UnixSocketFile, UnixSocketListener, PrivilegedPort, DeniedByPolicy, AddressNotLocal, AddressTentative, ScopeMissing,
        IPv6Disabled, DeviceMismatch, PortsExhausted,
    ];

    /// <inheritdoc/>
    public override string ToString() => Value;
}
