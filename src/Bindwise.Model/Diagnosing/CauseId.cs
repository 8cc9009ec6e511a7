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

    /// <summary>A program listens on the address and port.</summary>
    public static readonly CauseId Listener = new("listener");

    /// <summary>A listener on [::] covers IPv4 too.</summary>
    public static readonly CauseId DualStackListener = new("dual-stack-listener");

    /// <summary>Several listeners share the port with SO_REUSEPORT.</summary>
    public static readonly CauseId SharedListener = new("shared-listener");

    /// <summary>A process that inherited the socket keeps it; the one that created it has ended or closed it.</summary>
    public static readonly CauseId InheritedDescriptor = new("inherited-descriptor");

    /// <summary>The process that holds the socket is suspended (Ctrl+Z): it does not serve, and it does not close the socket.</summary>
    public static readonly CauseId StoppedProcess = new("stopped-process");

    /// <summary>The process that holds the socket is frozen with its cgroup (docker pause, systemctl freeze): it does not serve, and it keeps the socket.</summary>
    public static readonly CauseId FrozenProcess = new("frozen-process");

    /// <summary>The process that holds the socket looks dead (a zombie), but one of its threads still runs.</summary>
    public static readonly CauseId ZombieProcess = new("zombie-process");

    /// <summary>The program that failed is already running.</summary>
    public static readonly CauseId SameProgramTwice = new("same-program-twice");

    /// <summary>The service manager listens on behalf of a service.</summary>
    public static readonly CauseId SocketActivation = new("socket-activation");

    /// <summary>A container engine publishes a container's port.</summary>
    public static readonly CauseId PublishedContainerPort = new("published-container-port");

    /// <summary>The socket's descriptor was sent through a UNIX socket, and nobody has received it yet.</summary>
    public static readonly CauseId DescriptorInFlight = new("descriptor-in-flight");

    /// <summary>A process holds the socket, but not through a descriptor that /proc/PID/fd shows.</summary>
    public static readonly CauseId HiddenDescriptor = new("hidden-descriptor");

    /// <summary>A process that you cannot see holds the socket, probably one of another user.</summary>
    public static readonly CauseId OwnerHidden = new("owner-hidden");

    /// <summary>The kernel itself opened the socket.</summary>
    public static readonly CauseId KernelSocket = new("kernel-socket");

    /// <summary>A socket is bound to the port but does not listen.</summary>
    public static readonly CauseId BoundNotListening = new("bound-not-listening");

    /// <summary>This side closed first: the kernel keeps the port for 60 s.</summary>
    public static readonly CauseId TimeWait = new("time-wait");

    /// <summary>A connection that the old server accepted is still open; its listener is gone.</summary>
    public static readonly CauseId SurvivingConnection = new("surviving-connection");

    /// <summary>The peer has closed its side, but a program here has not.</summary>
    public static readonly CauseId CloseWait = new("close-wait");

    /// <summary>This side closed first, and the peer has not finished closing.</summary>
    public static readonly CauseId FinWait = new("fin-wait");

    /// <summary>Both sides have closed, and the last acknowledgement from the peer is missing.</summary>
    public static readonly CauseId LastAck = new("last-ack");

    /// <summary>An outgoing connection uses the port as its source port.</summary>
    public static readonly CauseId OutgoingConnection = new("outgoing-connection");

    /// <summary>A connection that connected to itself: both ends are this port.</summary>
    public static readonly CauseId SelfConnection = new("self-connection");

    /// <summary>The new socket sets SO_REUSEPORT, but another socket on the port does not, or belongs to another user.</summary>
    public static readonly CauseId ReusePortMismatch = new("reuseport-mismatch");

    /// <summary>A UDP socket holds the port.</summary>
    public static readonly CauseId UdpSocket = new("udp-socket");

    /// <summary>A file exists at the socket's path, and no server listens there.</summary>
    public static readonly CauseId UnixSocketFile = new("unix-socket-file");

    /// <summary>A UNIX socket is already bound to that path or name.</summary>
    public static readonly CauseId UnixSocketListener = new("unix-socket-listener");

    /// <summary>The port is too low for a program without privileges (below ip_unprivileged_port_start).</summary>
    public static readonly CauseId PrivilegedPort = new("privileged-port");

    /// <summary>A policy (cgroup BPF, SELinux, AppArmor, seccomp) denies the bind.</summary>
    public static readonly CauseId DeniedByPolicy = new("denied-by-policy");

    /// <summary>No interface has the address.</summary>
    public static readonly CauseId AddressNotLocal = new("address-not-local");

    /// <summary>The kernel is still checking the IPv6 address for duplicates, or has found one.</summary>
    public static readonly CauseId AddressTentative = new("address-tentative");

    /// <summary>A link-local address was given without its interface.</summary>
    public static readonly CauseId ScopeMissing = new("scope-missing");

    /// <summary>IPv6 is switched off.</summary>
    public static readonly CauseId IPv6Disabled = new("ipv6-disabled");

    /// <summary>The interface asked for does not exist, or does not have the address.</summary>
    public static readonly CauseId DeviceMismatch = new("device-mismatch");

    /// <summary>Every ephemeral port is in use.</summary>
    public static readonly CauseId PortsExhausted = new("ports-exhausted");

    /// <summary>All causes, in the order of the documentation.</summary>
    public static ImmutableArray<CauseId> All { get; } =
    [
        Free, Listener, DualStackListener, SharedListener, InheritedDescriptor, StoppedProcess, FrozenProcess, ZombieProcess, SameProgramTwice,
        SocketActivation, PublishedContainerPort, DescriptorInFlight, HiddenDescriptor, OwnerHidden, KernelSocket, BoundNotListening,
        TimeWait, SurvivingConnection, CloseWait, FinWait, LastAck, OutgoingConnection, SelfConnection, ReusePortMismatch, UdpSocket,
        UnixSocketFile, UnixSocketListener, PrivilegedPort, DeniedByPolicy, AddressNotLocal, AddressTentative, ScopeMissing,
        IPv6Disabled, DeviceMismatch, PortsExhausted,
    ];

    /// <inheritdoc/>
    public override string ToString() => Value;
}
