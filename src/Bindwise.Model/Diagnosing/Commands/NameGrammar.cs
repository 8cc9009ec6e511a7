using System.Buffers;

namespace Bindwise.Model.Diagnosing.Commands;

/// <summary>
/// What a tool takes as a name. Names come from processes, units, containers and supervisors, all of which may lie: one that the tool would
/// not have given itself, that it would read as an option, as a pattern or as "all", gets into no command.
/// </summary>
internal sealed class NameGrammar
{
    /// <summary>
    /// No tool is given these: whoever reads the command takes them for everything, or for this folder and the one above.
    /// </summary>
    private static readonly ImmutableArray<string> Nowhere = ["all", "ALL", ".", ".."];

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string SmallAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string LettersAndDigits = Letters + "0123456789";

    // The sets stand before the grammars, which are made in the order of the text.
    private static readonly SearchValues<char> Alphanumeric = Set(LettersAndDigits);
    private static readonly SearchValues<char> LetterLine = Set(Letters + "_");
    private static readonly SearchValues<char> WordCharacters = Set(LettersAndDigits + "_");
    private static readonly SearchValues<char> WordDot = Set(LettersAndDigits + "_.");
    private static readonly SearchValues<char> WordDotDash = Set(LettersAndDigits + "_.-");
    private static readonly SearchValues<char> WordDotAtDash = Set(LettersAndDigits + "_.@-");
    private static readonly SearchValues<char> WordDotAtDashSpace = Set(LettersAndDigits + "_.@- ");
    private static readonly SearchValues<char> OfInterface = Set(LettersAndDigits + "_.@+=-");
    private static readonly SearchValues<char> OfUnit = Set(LettersAndDigits + ":_.\\@-");
    private static readonly SearchValues<char> OfIscsi = Set(SmallAndDigits + ".:-");
    private static readonly SearchValues<char> LowerDigits = Set(SmallAndDigits);
    private static readonly SearchValues<char> LowerDigitsDash = Set(SmallAndDigits + "-");
    private static readonly SearchValues<char> LowerDigitsDashLine = Set(SmallAndDigits + "_-");
    private static readonly SearchValues<char> Hexadecimal = Set("0123456789abcdef");

    private readonly Shape _shape;
    private readonly ImmutableArray<string> _reserved;

    private NameGrammar(string tools, int limit, Shape shape, bool endsOptions = false, params ImmutableArray<string> reserved)
    {
        Tools = tools;
        Limit = limit;
        EndsOptions = endsOptions;
        _shape = shape;
        _reserved = reserved;
    }

    private delegate bool Shape(ReadOnlySpan<char> name);

    /// <summary>
    /// systemd.unit(5), unit_name_is_valid(): 255 characters, and a type. No glob characters, so no pattern of systemctl(1).
    /// </summary>
    public static NameGrammar Unit { get; } = new("systemctl", 255, IsUnit, endsOptions: true);

    /// <summary>
    /// Docker's RestrictedNameChars and Podman's NameRegex. An engine takes the whole name before the beginning of an id.
    /// </summary>
    public static NameGrammar Container { get; } =
        new("docker podman nerdctl", 255, static name => Begins(name, Alphanumeric, WordDotDash));

    /// <summary>The hexadecimal digits of an id, or at least twelve of them, which every engine prints and takes.</summary>
    public static NameGrammar ContainerId { get; } = new("docker podman nerdctl crictl", 64, IsContainerId);

    /// <summary>compose-spec: the name of a project.</summary>
    public static NameGrammar ComposeProject { get; } =
        new("docker compose", 255, static name => Begins(name, LowerDigits, LowerDigitsDashLine));

    /// <summary>compose-spec: the key of a service.</summary>
    public static NameGrammar ComposeService { get; } =
        new("docker compose", 255, static name => !name.ContainsAnyExcept(WordDotDash), endsOptions: true);

    /// <summary>RFC 1123 subdomain: pods; the API server takes no other.</summary>
    public static NameGrammar Pod { get; } = new("kubectl", 253, IsPod);

    /// <summary>RFC 1123 label: namespaces of Kubernetes.</summary>
    public static NameGrammar PodNamespace { get; } = new("kubectl", 63, IsPodNamespace);

    /// <summary>Containers of LXC: liblxc's names are folder names; these are the ones that it also takes as host names.</summary>
    public static NameGrammar Lxc { get; } = new("lxc-stop", 63, static name => Begins(name, Alphanumeric, WordDotDash));

    /// <summary>machined's names are host names (hostname_is_valid()); <c>.host</c>, this host itself, is none by its dot.</summary>
    public static NameGrammar Machine { get; } = new("machinectl", 64, static name => Encloses(name, Alphanumeric, WordDotDash));

    /// <summary>
    /// NAME or GROUP:NAME. supervisorctl splits at spaces, takes <c>GROUP:*</c> for a group and <c>all</c> for everything.
    /// </summary>
    public static NameGrammar SupervisorProgram { get; } = new("supervisorctl", 255, IsSupervisorProgram);

    /// <summary>
    /// PM2 takes digits for an id, <c>all</c>, <c>-</c> and <c>json</c> for something else, and configuration files by their ending.
    /// </summary>
    public static NameGrammar Pm2App { get; } = new("pm2", 255, IsPm2App, reserved: ["json", "stdin"]);

    /// <summary>The name of a script in /etc/init.d.</summary>
    public static NameGrammar OpenRcService { get; } = new("rc-service", 255, static name => Begins(name, WordCharacters, WordDotAtDash));

    /// <summary>useradd(8), NAME_REGEX; sudo(8) takes another user by the number.</summary>
    public static NameGrammar User { get; } = new("sudo", 32, static name => Begins(name, LetterLine, WordDotDash));

    /// <summary>
    /// Less than dev_valid_name() of the kernel lets pass: ip(8) takes no <c>--</c>, and nobody names an interface <c>*</c> in good faith.
    /// </summary>
    public static NameGrammar Interface { get; } = new("ip wg rdma", 15, static name => Begins(name, WordCharacters, OfInterface));

    /// <summary>A file in /run/netns; digits alone would be a process.</summary>
    public static NameGrammar NetworkNamespace { get; } = new("bindwise --netns", 255, IsNetworkNamespace);

    /// <summary>A target's iSCSI qualified name (RFC 3720, 3.2.6.3), also as EUI or NAA.</summary>
    public static NameGrammar IscsiName { get; } = new("targetcli", 223, IsIscsiName);

    /// <summary>A bearer of TIPC, without its medium.</summary>
    public static NameGrammar TipcBearer { get; } = new("tipc", 31, static name => Begins(name, WordCharacters, WordDotAtDash));

    public static NameGrammar NvmeDevice { get; } = new("nvme", 16, IsNvme);

    /// <summary>A number that the kernel gave: a tunnel of L2TP, a port of nvmet.</summary>
    public static NameGrammar KernelNumber { get; } = new("ip l2tp, nvmet", 10, IsNumber);

    /// <summary>A path: any bytes, quoted. Before one that may begin with a minus the commands have <c>--</c>.</summary>
    public static NameGrammar Path { get; } = new("rm mkdir ls lsof umount nsenter setcap sv", 1024, IsText);

    /// <summary>What somebody may type after <c>bindwise why</c>; a minus alone would be standard input.</summary>
    public static NameGrammar Target { get; } = new("bindwise why", 512, IsText);

    /// <summary>The value of an option of bindwise that names a program.</summary>
    public static NameGrammar OptionValue { get; } = new("bindwise --user, --netns, --pid, --unit, --container", 512, IsText);

    public static ImmutableArray<NameGrammar> All { get; } =
    [
        Unit, Container, ContainerId, ComposeProject, ComposeService, Pod, PodNamespace, Lxc, Machine, SupervisorProgram, Pm2App,
        OpenRcService, User, Interface, NetworkNamespace, IscsiName, TipcBearer, NvmeDevice, KernelNumber, Path, Target, OptionValue,
    ];

    public string Tools { get; }
    public int Limit { get; }

    /// <summary>
    /// The tool takes <c>--</c>, after which a name that begins with a minus is no option. Without it no such name is taken.
    /// </summary>
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
        && !Nowhere.Contains(name) && !_reserved.Contains(name) && _shape(name);

    private static SearchValues<char> Set(string characters) => SearchValues.Create(characters);

    /// <summary>One character of the first set, and then any of the second.</summary>
    private static bool Begins(ReadOnlySpan<char> name, SearchValues<char> first, SearchValues<char> rest) =>
        !name.IsEmpty && first.Contains(name[0]) && !name[1..].ContainsAnyExcept(rest);

    /// <summary>Characters of a set, of which the first and the last are of a narrower one.</summary>
    private static bool Encloses(ReadOnlySpan<char> name, SearchValues<char> ends, SearchValues<char> all) =>
        !name.IsEmpty && ends.Contains(name[0]) && ends.Contains(name[^1]) && !name.ContainsAnyExcept(all);

    private static bool IsUnit(ReadOnlySpan<char> name) =>
        name.LastIndexOf('.') is > 0 and var dot && !name[..dot].ContainsAnyExcept(OfUnit)
        && name[(dot + 1)..] is "service" or "socket" or "scope" or "slice" or "mount" or "automount" or "swap" or "target" or "timer"
            or "path" or "device";

    private static bool IsContainerId(ReadOnlySpan<char> name) => name.Length is >= 12 and <= 64 && !name.ContainsAnyExcept(Hexadecimal);

    private static bool IsPodNamespace(ReadOnlySpan<char> name) => Encloses(name, LowerDigits, LowerDigitsDash);

    private static bool IsPod(ReadOnlySpan<char> name)
    {
        foreach (var label in name.Split('.'))
        {
            if (!IsPodNamespace(name[label]))
                return false;
        }
        return true;
    }

    private static bool IsSupervisorProgram(ReadOnlySpan<char> name)
    {
        var colon = name.IndexOf(':');
        return colon < 0 ? IsPart(name) : IsPart(name[..colon]) && IsPart(name[(colon + 1)..]);

        static bool IsPart(ReadOnlySpan<char> part) => Begins(part, WordDot, WordDotAtDash);
    }

    private static bool IsPm2App(ReadOnlySpan<char> name) => Begins(name, WordCharacters, WordDotAtDashSpace) && !IsNumber(name)
        && name[(name.LastIndexOf('.') + 1)..] is var ending
        && !(ending.Length < name.Length && ending is "json" or "yml" or "yaml" or "js" or "cjs" or "mjs");

    private static bool IsNetworkNamespace(ReadOnlySpan<char> name) => !name.IsEmpty && !IsNumber(name) && name.IndexOfAny('/', '\0') < 0;

    private static bool IsIscsiName(ReadOnlySpan<char> name) =>
        name.Length > 4 && name[..4] is "iqn." or "eui." or "naa." && !name[4..].ContainsAnyExcept(OfIscsi);

    private static bool IsNvme(ReadOnlySpan<char> name) => name.StartsWith("nvme", StringComparison.Ordinal) && IsNumber(name[4..]);

    private static bool IsNumber(ReadOnlySpan<char> name) => !name.IsEmpty && !name.ContainsAnyExceptInRange('0', '9');

    private static bool IsText(ReadOnlySpan<char> name) => !name.IsEmpty && !name.Contains('\0');
}
