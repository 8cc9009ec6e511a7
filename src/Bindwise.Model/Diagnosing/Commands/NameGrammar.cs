using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Bindwise.Model.Diagnosing.Commands;

/// <summary>
/// What a tool takes as a name. Names come from processes, units, containers and supervisors, all of which may lie: one that the tool would
/// not have given itself, that it would read as an option, as a pattern or as "all", gets into no command.
/// </summary>
internal sealed partial class NameGrammar
{
    /// <summary>No tool is given these: whoever reads the command takes them for everything, or for this folder and the one above.</summary>
    private static readonly ImmutableArray<string> Nowhere = ["all", "ALL", ".", ".."];

    private readonly Func<Regex> _shape;
    private readonly ImmutableArray<string> _reserved;

    private NameGrammar(string tools, int limit, Func<Regex> shape, bool endsOptions = false, params ImmutableArray<string> reserved)
    {
        Tools = tools;
        Limit = limit;
        EndsOptions = endsOptions;
        _shape = shape;
        _reserved = reserved;
    }

    /// <summary>systemd.unit(5), unit_name_is_valid(): 255 characters, and a type. No glob characters, so no pattern of systemctl(1).</summary>
    public static NameGrammar Unit { get; } = new("systemctl", 255, UnitShape, endsOptions: true);

    /// <summary>Docker's RestrictedNameChars and Podman's NameRegex. An engine takes the whole name before the beginning of an id.</summary>
    public static NameGrammar Container { get; } = new("docker podman nerdctl", 255, ContainerShape);

    /// <summary>The hexadecimal digits of an id, or at least twelve of them, which every engine prints and takes.</summary>
    public static NameGrammar ContainerId { get; } = new("docker podman nerdctl crictl", 64, ContainerIdShape);

    /// <summary>compose-spec: the name of a project.</summary>
    public static NameGrammar ComposeProject { get; } = new("docker compose", 255, ComposeProjectShape);

    /// <summary>compose-spec: the key of a service.</summary>
    public static NameGrammar ComposeService { get; } = new("docker compose", 255, ComposeServiceShape, endsOptions: true);

    /// <summary>RFC 1123 subdomain: pods; the API server takes no other.</summary>
    public static NameGrammar Pod { get; } = new("kubectl", 253, PodShape);

    /// <summary>RFC 1123 label: namespaces of Kubernetes.</summary>
    public static NameGrammar PodNamespace { get; } = new("kubectl", 63, PodNamespaceShape);

    /// <summary>Containers of LXC: liblxc's names are folder names; these are the ones that it also takes as host names.</summary>
    public static NameGrammar Lxc { get; } = new("lxc-stop", 63, LxcShape);

    /// <summary>machined's names are host names (hostname_is_valid()); <c>.host</c>, this host itself, is none by its dot.</summary>
    public static NameGrammar Machine { get; } = new("machinectl", 64, MachineShape);

    /// <summary>NAME or GROUP:NAME. supervisorctl splits at spaces, takes <c>GROUP:*</c> for a group and <c>all</c> for everything.</summary>
    public static NameGrammar SupervisorProgram { get; } = new("supervisorctl", 255, SupervisorShape);

    /// <summary>PM2 takes digits for an id, <c>all</c>, <c>-</c> and <c>json</c> for something else, and configuration files by their ending.</summary>
    public static NameGrammar Pm2App { get; } = new("pm2", 255, Pm2Shape, reserved: ["json", "stdin"]);

    /// <summary>A name under the folder of services; one with a slash, or with a dot first, would be a path to sv(8).</summary>
    public static NameGrammar RunitService { get; } = new("sv", 255, ServiceShape);

    /// <summary>The name of a script in /etc/init.d.</summary>
    public static NameGrammar OpenRcService { get; } = new("rc-service", 255, ServiceShape);

    /// <summary>useradd(8), NAME_REGEX; sudo(8) takes another user by the number.</summary>
    public static NameGrammar User { get; } = new("sudo", 32, UserShape);

    /// <summary>Less than dev_valid_name() of the kernel lets pass: ip(8) takes no <c>--</c>, and nobody names an interface <c>*</c> in good faith.</summary>
    public static NameGrammar Interface { get; } = new("ip wg rdma", 15, InterfaceShape);

    /// <summary>A file in /run/netns; digits alone would be a process.</summary>
    public static NameGrammar NetworkNamespace { get; } = new("bindwise --netns", 255, NetworkNamespaceShape);

    /// <summary>A target's iSCSI qualified name (RFC 3720, 3.2.6.3), also as EUI or NAA.</summary>
    public static NameGrammar IscsiName { get; } = new("targetcli", 223, IscsiShape);

    /// <summary>A bearer of TIPC, without its medium.</summary>
    public static NameGrammar TipcBearer { get; } = new("tipc", 31, ServiceShape);

    /// <summary>A controller of NVMe.</summary>
    public static NameGrammar NvmeDevice { get; } = new("nvme", 16, NvmeShape);

    /// <summary>A number that the kernel gave: a tunnel of L2TP, a port of nvmet.</summary>
    public static NameGrammar KernelNumber { get; } = new("ip l2tp, nvmet", 10, NumberShape);

    /// <summary>A path: any bytes, quoted. The commands that take one have <c>--</c> before it.</summary>
    public static NameGrammar Path { get; } = new("rm mkdir ls lsof umount nsenter setcap", 1024, PathShape);

    /// <summary>What somebody may type after <c>bindwise why</c>; a minus alone would be standard input.</summary>
    public static NameGrammar Target { get; } = new("bindwise why", 512, TargetShape);

    /// <summary>The value of an option of bindwise that names a program.</summary>
    public static NameGrammar OptionValue { get; } = new("bindwise --user, --netns, --pid, --unit, --container", 512, TargetShape);

    /// <summary>All of them.</summary>
    public static ImmutableArray<NameGrammar> All { get; } =
    [
        Unit, Container, ContainerId, ComposeProject, ComposeService, Pod, PodNamespace, Lxc, Machine, SupervisorProgram, Pm2App, RunitService,
        OpenRcService, User, Interface, NetworkNamespace, IscsiName, TipcBearer, NvmeDevice, KernelNumber, Path, Target, OptionValue,
    ];

    /// <summary>The tools that take such a name.</summary>
    public string Tools { get; }

    /// <summary>The longest name, in characters.</summary>
    public int Limit { get; }

    /// <summary>The tool takes <c>--</c>, after which a name that begins with a minus is no option. Without it no such name is taken.</summary>
    public bool EndsOptions { get; }

    /// <summary>The name as an argument; null where the tool has no such names.</summary>
    public ShellWord? Word(string? name) => Takes(name) ? new ShellWord((name![0] == '-' ? "-- " : "") + ShellQuoting.Quote(name)) : null;

    /// <summary>Several names as arguments; null where one of them is none.</summary>
    public ShellWord? Words(params ReadOnlySpan<string> names)
    {
        var text = new List<string>();
        var isDashed = false;
        foreach (var name in names)
        {
            if (!Takes(name))
                return null;
            isDashed |= name[0] == '-';
            text.Add(ShellQuoting.Quote(name));
        }
        return new ShellWord((isDashed ? "-- " : "") + string.Join(' ', text));
    }

    private bool Takes(string? name) => name is { Length: > 0 } && name.Length <= Limit && (EndsOptions || name[0] != '-')
        && !Nowhere.Contains(name) && !_reserved.Contains(name) && _shape().IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z0-9:_.\\@-]+\.(service|socket|scope|slice|mount|automount|swap|target|timer|path|device)\z")]
    private static partial Regex UnitShape();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.-]*\z")]
    private static partial Regex ContainerShape();

    [GeneratedRegex(@"\A[0-9a-f]{12,64}\z")]
    private static partial Regex ContainerIdShape();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_-]*\z")]
    private static partial Regex ComposeProjectShape();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]+\z")]
    private static partial Regex ComposeServiceShape();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\z")]
    private static partial Regex PodShape();

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\z")]
    private static partial Regex PodNamespaceShape();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.-]*\z")]
    private static partial Regex LxcShape();

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?\z")]
    private static partial Regex MachineShape();

    [GeneratedRegex(@"\A[A-Za-z0-9_.][A-Za-z0-9_.@-]*(:[A-Za-z0-9_.][A-Za-z0-9_.@-]*)?\z")]
    private static partial Regex SupervisorShape();

    [GeneratedRegex(@"\A(?![0-9]+\z)(?!.*\.(json|ya?ml|js|cjs|mjs)\z)[A-Za-z0-9_][A-Za-z0-9_.@ -]*\z")]
    private static partial Regex Pm2Shape();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.@-]*\z")]
    private static partial Regex ServiceShape();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_.-]*\z")]
    private static partial Regex UserShape();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.@+=-]*\z")]
    private static partial Regex InterfaceShape();

    [GeneratedRegex(@"\A(?![0-9]+\z)[^/\0]+\z", RegexOptions.Singleline)]
    private static partial Regex NetworkNamespaceShape();

    [GeneratedRegex(@"\A(iqn|eui|naa)\.[a-z0-9.:-]+\z")]
    private static partial Regex IscsiShape();

    [GeneratedRegex(@"\Anvme[0-9]+\z")]
    private static partial Regex NvmeShape();

    [GeneratedRegex(@"\A[0-9]+\z")]
    private static partial Regex NumberShape();

    [GeneratedRegex(@"\A[^\0]+\z", RegexOptions.Singleline)]
    private static partial Regex PathShape();

    [GeneratedRegex(@"\A[^\0]+\z", RegexOptions.Singleline)]
    private static partial Regex TargetShape();
}
