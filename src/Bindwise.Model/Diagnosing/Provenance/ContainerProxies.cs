namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// The programs by which container engines publish a container's port on the host: they hold the host's socket themselves.
/// </summary>
internal static class ContainerProxies
{
    private const string Docker = "docker", Podman = "podman";

    /// <summary>The API without and with TLS, swarm's managers and gossip, metrics.</summary>
    private static readonly ImmutableArray<ushort> PortsOfDockerd = [2375, 2376, 2377, 7946, 9323];

    /// <summary>The engine whose proxy a process is or may be: <c>docker</c> or <c>podman</c>; null for any other process.</summary>
    public static string? EngineOf(ProcessRecord process) => EngineOf(process.Name) ?? EngineOf(ProcessNames.ProgramOf(process));

    /// <summary>
    /// The engine whose container's port a socket is. The engine itself holds it without docker-proxy (<c>"userland-proxy": false</c>) and
    /// in Docker Desktop; null for a socket of the engine's own, too.
    /// </summary>
    /// <param name="socket">The socket that it holds; null when it is not in the snapshot.</param>
    public static string? EngineOf(ProcessRecord process, HeldSocket? socket) =>
        EngineOf(process) is { } engine && (!IsEngine(process) || (socket is not null && IsPublished(process, socket))) ? engine : null;

    /// <summary>Docker Desktop, whose containers run in a virtual machine of the user's.</summary>
    public static bool AreDesktop(ProcessRecord process) => AreDesktop(process.Name) || AreDesktop(ProcessNames.ProgramOf(process));

    /// <summary>
    /// The value of an option of docker-proxy (<c>-container-ip 172.17.0.2</c>) or conmon (<c>-n NAME</c>); null when it is not there.
    /// </summary>
    public static string? OptionOf(ProcessRecord process, string option)
    {
        for (var i = 1; i + 1 < process.Arguments.Length; i++)
        {
            if (process.Arguments[i] == option)
                return process.Arguments[i + 1];
        }
        return null;
    }

    private static bool IsEngine(ProcessRecord process) => ProcessNames.ProgramOf(process) == "dockerd" || AreDesktop(process);

    private static bool IsPublished(ProcessRecord engine, HeldSocket socket) => socket.Protocol != Protocol.Unix
        && (AreDesktop(engine) || (!socket.IsConnection && !PortsOfDockerd.Contains(socket.Local.Port)
            && !engine.Arguments.Any(argument => Names(argument, socket.Local.Port))));

    // -H tcp://0.0.0.0:4243, --metrics-addr=127.0.0.1:9100
    private static bool Names(string argument, ushort port) =>
        argument.AsSpan().TrimEnd('/') is var text && text.LastIndexOf(':') is >= 0 and var colon
            && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var named) && named == port;

    // comm holds 15 bytes: rootlesskit-docker-proxy, com.docker.backend.
    private static string? EngineOf(string name) => name switch
    {
        "docker-proxy" or "rootlesskit" or "rootlesskit-doc" or "dockerd" => Docker,
        "rootlessport" or "slirp4netns" or "pasta" or "pasta.avx2" or "passt" or "conmon" => Podman,
        _ => AreDesktop(name) ? Docker : null,
    };

    private static bool AreDesktop(string name) => name is "com.docker.backend" or "com.docker.back";
}

/// <summary>Programs that are a virtual machine each, and hold the ports of the host that are forwarded to the guest.</summary>
internal static class VirtualMachines
{
    public static bool Are(ProcessRecord process) => ForwardingOf(process) is not null;

    public static bool AreOfVirtualBox(ProcessRecord process) => ForwardingOf(process) == VirtualBox;

    /// <summary>What takes a port out of its forwarding while it runs, for the end of a clause; empty where no command does.</summary>
    public static string? ForwardingOf(ProcessRecord process) => Of(process.Name) ?? Of(ProcessNames.ProgramOf(process));

    private const string VirtualBox = " (VBoxManage controlvm NAME natpf1 delete RULE)", Qemu = " (hostfwd_remove in QEMU's monitor)";

    private static string? Of(string name) => name switch
    {
        "VBoxHeadless" or "VirtualBoxVM" => VirtualBox,
        "vmware-vmx" => "",
        "qemu-kvm" or "kvm" => Qemu,
        _ => name.StartsWith("qemu-system-", StringComparison.Ordinal) ? Qemu : null,
    };
}
