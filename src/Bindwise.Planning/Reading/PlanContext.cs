namespace Bindwise.Planning.Reading;

internal sealed class PlanContext(IPlanFiles files)
{
    /// <summary>So many ports are taken in; more are told in one line.</summary>
    public const int MostPorts = 4096;

    /// <summary>So many are read, those included that a service has from another one.</summary>
    private const int MostRead = 16 * MostPorts;

    /// <summary>What tells of one port when it is open: more than anybody writes.</summary>
    public const int MostAlternatives = 64;

    private const int MostRemarks = 500;

    // What is below one folder in them is for another host, or to be tried by itself, than what is below the others.
    private static readonly HashSet<string> Variants = ["overlays", "environments", "envs", "clusters", "hosts", "examples", "samples"];

    private readonly Dictionary<string, PlanFileText> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (ImmutableArray<DocumentNode> Read, DocumentFault? Fault)> _documents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _formats = new(StringComparer.Ordinal);
    private readonly HashSet<string> _faulty = new(StringComparer.Ordinal);
    private HashSet<(string File, int Line, string Id)> _warned = [];
    private int _read;

    public IPlanFiles Files => files;

    public List<PlannedPort> Ports { get; } = [];
    public List<PlanRemark> Remarks { get; private set; } = [];

    /// <summary>Files and folders of this host that a container has: what is in them does not run here.</summary>
    public HashSet<string> InContainers { get; } = new(StringComparer.Ordinal);

    /// <summary>Folders with a compose project, whose .env is for compose.</summary>
    public HashSet<string> ComposeFolders { get; } = new(StringComparer.Ordinal);

    public ImmutableArray<PlanSource> Sources => [.. _formats.OrderBy(static one => one.Key, StringComparer.Ordinal)
        .Select(one => new PlanSource(one.Key, one.Value, Ports.Count(port => port.IsOf(one.Key))))
        .Select(one => one with { WhyNone = one.Ports == 0 ? WhyNone.GetValueOrDefault(one.File) : null })];

    /// <summary>Compose profiles, of services without ports too.</summary>
    public HashSet<string> Profiles { get; } = new(StringComparer.Ordinal);

    /// <summary>A file, or a part of one, was not read: nobody may take the rest for the whole.</summary>
    public bool IsPart { get; private set; }

    /// <summary>There are more ports than are compared: nothing more has to be read.</summary>
    public bool IsFull { get; private set; }

    public Dictionary<string, string> WhyNone { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a port, unless a range in it makes no sense or there are too many.</summary>
    public void Add(PlannedPort port)
    {
        if (port.Binds.IsDefaultOrEmpty || port.LastPort > ushort.MaxValue || (port.FirstPort == 0 && port.Binds[0].Path is null))
            return;
        if (Ports.Count < MostPorts)
            Ports.Add(port with { Alternatives = [.. port.Alternatives, .. VariantsOf(port.Location.File)] });
        else
            Fill(port.Location);
    }

    /// <summary>
    /// Whether a reader may read one more port: false once there are too many. A service that extends another has all ports of that one,
    /// so a small file may stand for millions.
    /// </summary>
    public bool TakesOneMore(PlanLocation at)
    {
        if (_read < MostRead)
            _read++;
        else
            Fill(at);
        return !IsFull;
    }

    private void Fill(PlanLocation at)
    {
        if (IsFull)
            return;
        IsFull = true;
        Miss("too-many-ports", $"more than {MostPorts} ports are named; those from here on are left out", at);
    }

    private static IEnumerable<PlanAlternative> VariantsOf(string file)
    {
        var parts = file.Split('/');
        return Enumerable.Range(0, parts.Length - 1).Where(at => Variants.Contains(parts[at]))
            .Select(at => new PlanAlternative("variants " + string.Join('/', parts[..(at + 1)]), parts[at + 1]));
    }

    /// <summary>Says that a file, or a part of one, is not read.</summary>
    public void Miss(string id, string text, PlanLocation at)
    {
        IsPart = true;
        Warn(id, text, at);
    }

    /// <summary>Says that something was not understood, or deserves attention.</summary>
    public void Warn(string id, string text, PlanLocation? at, PlanLevel level = PlanLevel.Warning)
    {
        if (Remarks.Count < MostRemarks && _warned.Add((at?.File ?? "", at?.Line ?? 0, id + text)))
            Remarks.Add(new PlanRemark(id, text, at) { Level = level });
    }

    /// <summary>Reads something of which only later shows whether what is told of it matters.</summary>
    public SeparateRemarks ReadApart<T>(Func<T> read, out T result)
    {
        var (remarks, warned, isPart) = (Remarks, _warned, IsPart);
        (Remarks, _warned, IsPart) = ([], [], false);
        result = read();
        var apart = new SeparateRemarks([.. Remarks], IsPart);
        (Remarks, _warned, IsPart) = (remarks, warned, isPart);
        return apart;
    }

    /// <summary>What was told of it matters.</summary>
    public void AddRemarks(SeparateRemarks apart)
    {
        IsPart |= apart.IsPart;
        foreach (var remark in apart.Remarks)
            Warn(remark.Id, remark.Text, remark.Location, remark.Level);
    }

    /// <summary>A file's text; null where it does not exist. A fault is told.</summary>
    /// <param name="format">The id of the format as which it is read; null for one that is only looked into.</param>
    /// <param name="isOurs">False for a file of which only its text would tell whether it is one of
    /// ours: a fault of it is nobody's matter.</param>
    public string? Read(string path, string? format, bool isOurs = true)
    {
        if (!_texts.TryGetValue(path, out var text))
            _texts[path] = text = files.Read(path);
        if (isOurs && text.Fault is { } fault)
            Miss("unreadable", $"cannot be read: {fault}", new PlanLocation(path, 1));
        if (format is not null && text.Text is not null)
            _formats.TryAdd(path, format);
        return text.Text;
    }

    /// <summary>Whether it is not read because it leads out of the folder.</summary>
    public bool IsOutside(string path) => Read(path, null, isOurs: false) is null && _texts[path].IsOutside;

    /// <summary>There is no such file. One that is there and cannot be read is told.</summary>
    public bool IsMissing(string path) => Read(path, null) is null && _texts[path].Fault is null;

    /// <summary>A fault was told of the file, or of the rest of it: what is missing there may stand there all the same.</summary>
    public bool IsFaulty(string path) => _faulty.Contains(path) || Read(path, null) is null && !IsMissing(path);

    /// <summary>The documents of a YAML file; a fault is told with its line.</summary>
    /// <param name="areKeysUnique">A map that has a key twice is a fault, as for the program that reads the file.</param>
    public ImmutableArray<DocumentNode> ReadYaml(string path, string format, bool areKeysUnique = false)
    {
        if (Read(path, format) is not { } text)
            return [];
        // A file may be included and extended by many.
        if (!_documents.TryGetValue(path, out var known))
            _documents[path] = known = (YamlTree.Read(text, out var fault, areKeysUnique), fault);
        ReportFault(path, text, known.Fault);
        return known.Read;
    }

    /// <summary>The value of a JSON file; a fault is told with its line.</summary>
    public DocumentNode? ReadJson(string path, string format)
    {
        if (Read(path, format) is not { } text)
            return null;
        var document = JsonTree.Read(text, out var fault);
        ReportFault(path, text, fault);
        return document;
    }

    public void WarnOfUnknownKeys(string file, DocumentNode map, IReadOnlySet<string> known, string where)
    {
        foreach (var entry in map.Entries)
        {
            if (!known.Contains(entry.Key) && !entry.Key.StartsWith("x-", StringComparison.Ordinal))
                Warn("unknown-key", $"{entry.Key} is not a key of {where}", new PlanLocation(file, entry.Line, entry.Column));
        }
    }

    private void ReportFault(string path, string text, DocumentFault? fault)
    {
        if (fault is null)
            return;
        _faulty.Add(path);
        // Much that is no template has {{ as well, as the rules of Prometheus: that alone tells nothing.
        var isTemplate = text.Contains("{{", StringComparison.Ordinal);
        Miss(isTemplate ? "template" : "unreadable", $"cannot be read from here on: {fault.Message}"
            + (isTemplate ? "; if this is a template, render it first (helm template)" : ""),
            new PlanLocation(path, fault.Line, fault.Column));
    }
}

/// <summary>What was told while something was read that may turn out not to matter.</summary>
/// <param name="IsPart">Not all of it was read.</param>
internal sealed record SeparateRemarks(ImmutableArray<PlanRemark> Remarks, bool IsPart)
{
    public static SeparateRemarks Nothing { get; } = new([], false);
}

/// <summary>The files that a plan is made of. Paths have <c>/</c>; relative ones start where the caller's do.</summary>
internal interface IPlanFiles
{
    PlanFileText Read(string path);

    /// <summary>The names of the regular files in a folder, in order; empty where there is none, or where it may not be read.</summary>
    /// <param name="folder">The folder's path; empty for the one where relative paths start.</param>
    ImmutableArray<string> List(string folder);

    /// <summary>A path that begins where relative paths start, if an absolute one leads there; any other as it is.</summary>
    string Relative(string path) => path;
}

/// <summary>A file's text, or why there is none.</summary>
/// <param name="Fault">Why it could not be read, one clause; null where it was, and where no such file exists.</param>
internal readonly record struct PlanFileText(string? Text, string? Fault)
{
    /// <summary>It leads out of the folders in question by a symbolic link, and nobody named it.</summary>
    public bool IsOutside { get; init; }
}
