using Bindwise.Model.Diagnosing;

namespace Bindwise.Diagnostics;

/// <summary>
/// Why a bind() fails (or does not), for people: a closed set, in the order of the documentation. Each has a stable kebab-case id (<see
/// cref="CauseExtensions.Id"/>), which the text, the JSON and the library's exception share, and a page of that name in docs/causes/.
/// </summary>
public enum Cause : byte
{
    /// <summary>Nothing is in the way: the target can be bound as asked.</summary>
    Free,

    /// <summary>A program listens on the address and port.</summary>
    Listener,

    /// <summary>A listener on [::] covers IPv4 too.</summary>
    DualStackListener,

    /// <summary>Several listeners share the port with SO_REUSEPORT.</summary>
    SharedListener,

    /// <summary>A process that inherited the socket keeps it; the one that created it has ended or closed it.</summary>
    InheritedDescriptor,

    /// <summary>The process that holds the socket is suspended (Ctrl+Z): it does not serve, and it does not close the socket.</summary>
    StoppedProcess,

    /// <summary>
    /// The process that holds the socket is frozen with its cgroup (docker pause, systemctl freeze): it does not serve, and it keeps the
    /// socket.
    /// </summary>
    FrozenProcess,

    /// <summary>The process that holds the socket looks dead (a zombie), but one of its threads still runs.</summary>
    ZombieProcess,

    /// <summary>The program that failed is already running.</summary>
    SameProgramTwice,

    /// <summary>The service manager listens on behalf of a service.</summary>
    SocketActivation,

    /// <summary>A container engine publishes a container's port.</summary>
    PublishedContainerPort,

    /// <summary>The socket's descriptor was sent through a UNIX socket, and nobody has received it yet.</summary>
    DescriptorInFlight,

    /// <summary>A process holds the socket, but not through a descriptor that /proc/PID/fd shows.</summary>
    HiddenDescriptor,

    /// <summary>A process that you cannot see holds the socket, probably one of another user.</summary>
    OwnerHidden,

    /// <summary>The kernel itself opened the socket.</summary>
    KernelSocket,

    /// <summary>A socket is bound to the port but does not listen.</summary>
    BoundNotListening,

    /// <summary>This side closed first: the kernel keeps the port for 60 s.</summary>
    TimeWait,

    /// <summary>A connection that the old server accepted is still open; its listener is gone.</summary>
    SurvivingConnection,

    /// <summary>The peer has closed its side, but a program here has not.</summary>
    CloseWait,

    /// <summary>This side closed first, and the peer has not finished closing.</summary>
    FinWait,

    /// <summary>Both sides have closed, and the last acknowledgement from the peer is missing.</summary>
    LastAck,

    /// <summary>An outgoing connection uses the port as its source port.</summary>
    OutgoingConnection,

    /// <summary>A connection that connected to itself: both ends are this port.</summary>
    SelfConnection,

    /// <summary>The new socket sets SO_REUSEPORT, but another socket on the port does not, or belongs to another user.</summary>
    ReusePortMismatch,

    /// <summary>A UDP socket holds the port.</summary>
    UdpSocket,

    /// <summary>A file exists at the socket's path, and no server listens there.</summary>
    UnixSocketFile,

    /// <summary>A UNIX socket is already bound to that path or name.</summary>
    UnixSocketListener,

    /// <summary>The port is too low for a program without privileges (below ip_unprivileged_port_start).</summary>
    PrivilegedPort,

    /// <summary>A policy (cgroup BPF, SELinux, AppArmor, seccomp) denies the bind.</summary>
    DeniedByPolicy,

    /// <summary>No interface of this network namespace has the address.</summary>
    AddressNotLocal,

    /// <summary>The kernel is still checking the IPv6 address for duplicates, or has found one.</summary>
    AddressTentative,

    /// <summary>A link-local address was given without its interface.</summary>
    ScopeMissing,

    /// <summary>IPv6 is switched off: the kernel opens no IPv6 socket, or no interface has an IPv6 address.</summary>
    IPv6Disabled,

    /// <summary>The interface asked for does not exist, or does not have the address.</summary>
    DeviceMismatch,

    /// <summary>Every ephemeral port is in use.</summary>
    PortsExhausted,
}

/// <summary>What every cause has beside its name in code.</summary>
public static class CauseExtensions
{
    /// <summary>The stable id, as <c>time-wait</c>.</summary>
    /// <param name="cause">The cause.</param>
    /// <exception cref="ArgumentOutOfRangeException">No cause has that value.</exception>
    public static string Id(this Cause cause) => CauseBook.IdOf(cause);
}
