namespace Bindwise.Planning.Formats.Commands;

/// <param name="Text">A script's name; with <c>*</c> of any that fits.</param>
/// <param name="IsOneSegment"><c>*</c> stands for no colon, as npm-run-all has it: <c>dev:*</c> is not <c>dev:web:css</c>.</param>
internal readonly record struct ScriptPattern(string Text, bool IsOneSegment = false)
{
    public bool IsName => !Text.Contains('*', StringComparison.Ordinal);

    public bool Fits(string name) => PlanPath.Matches(name, Text)
        && (!IsOneSegment || Text.Contains("**", StringComparison.Ordinal) || name.AsSpan().Count(':') == Text.AsSpan().Count(':'));
}

/// <param name="Group">Which of the lists of commands that run side by side calls it.</param>
/// <param name="AreBeside">All that fit the pattern run side by side.</param>
internal readonly record struct ScriptCall(int Group, ScriptPattern Pattern, bool AreBeside);

/// <summary>
/// Finds which scripts of its package a command runs: <c>npm run web</c>, <c>run-p web api</c>, <c>concurrently npm:web</c>.
/// </summary>
internal static class ScriptCalls
{
    private static readonly HashSet<string> PackageManagers = ["npm", "pnpm", "yarn", "bun"];

    // npm runs these of package.json without the word run.
    private static readonly HashSet<string> OfNpm = ["start", "test", "stop", "restart"];

    // These run scripts of the packages of a repository.
    private static readonly HashSet<string> Repositories = ["turbo", "nx", "lerna"];

    // Options, and commands of yarn, for scripts of another package.
    private static readonly HashSet<string> OfOthers = ["-w", "--workspace", "--workspaces", "workspace", "workspaces", "-F", "--filter",
        "-r", "--recursive", "--prefix", "-C", "--dir", "--cwd"];

    private static readonly HashSet<string> RunningAll = ["run-p", "run-s", "npm-run-all"];

    // concurrently's short forms of "npm run NAME".
    private static readonly string[] Prefixes = ["npm:", "pnpm:", "yarn:", "bun:", "node:"];

    /// <summary>Whether a command runs scripts of packages in folders below its own.</summary>
    public static bool AreOfPackageBelow(List<string> words) => words.Exists(Repositories.Contains)
        || (words.Exists(PackageManagers.Contains) && words.Exists(static word => OfOthers.Contains(word.Split('=')[0])));

    /// <param name="words">One command, with what stands before it.</param>
    public static void Add(List<string> words, FoundPorts found)
    {
        for (var at = 0; at < words.Count; at++)
        {
            var word = words[at];
            if (PackageManagers.Contains(word))
            {
                if (RunBy(words, at) is { } name)
                    found.AddScript(new ScriptPattern(name), areBeside: false);
                else if (word == "npm" || !CommandWrappers.IsBeforeCommand(word))
                    return;
            }
            else if (RunningAll.Contains(word))
            {
                AddAll(words, at, found);
                return;
            }
            else if (word == "concurrently")
            {
                AddShortForms(words, at + 1, found);
                return;
            }
            // What it is given as PORT may be another port than the script has by itself.
            else if (!CommandWrappers.IsBeforeCommand(word) || word.StartsWith("PORT=", StringComparison.Ordinal))
                return;
            else
                at = CommandWrappers.LastOwnWord(words, at);
        }
    }

    /// <summary>The script that a package manager runs as it stands; null with further arguments, which may name another port.</summary>
    private static string? RunBy(List<string> words, int manager)
    {
        var at = AfterSilence(words, manager + 1);
        if (at >= words.Count)
            return null;
        if (words[at] is "run" or "run-script")
            at = AfterSilence(words, at + 1);
        else if (words[manager] is "npm" or "bun" && !(words[manager] == "npm" && OfNpm.Contains(words[at])))
            return null;
        var isLast = at == words.Count - 1 || (at < words.Count && words[at + 1].Contains('>', StringComparison.Ordinal));
        return isLast && !words[at].StartsWith('-') ? words[at] : null;
    }

    private static int AfterSilence(List<string> words, int at)
    {
        while (at < words.Count && words[at] is "-s" or "--silent")
            at++;
        return at;
    }

    private static void AddAll(List<string> words, int tool, FoundPorts found)
    {
        var isParallel = words[tool] == "run-p";
        var (isFirst, isSkipped) = (true, false);
        for (var at = tool + 1; at < words.Count && words[at] != "--"; at++)
        {
            var word = words[at];
            if (word is "--max-parallel" or "--npm-path")
                at++;
            else if (words[tool] == "npm-run-all" && word is "-p" or "--parallel")
                (isParallel, isFirst, isSkipped) = (true, true, false);
            else if (words[tool] == "npm-run-all" && word is "-s" or "--sequential" or "--serial")
                // What follows servers is started when they have ended.
                (isParallel, isSkipped) = (false, isParallel || isSkipped);
            // Of a script with arguments of its own ("web -- --port 1") the port is not certain.
            else if (!isSkipped && !word.StartsWith('-') && !word.Contains(' ', StringComparison.Ordinal))
            {
                if (isParallel && !isFirst)
                    found.BeginOther();
                isFirst = false;
                found.AddScript(new ScriptPattern(word, IsOneSegment: true), isParallel);
            }
        }
    }

    private static void AddShortForms(List<string> words, int from, FoundPorts found)
    {
        foreach (var word in words.Skip(from))
        {
            if (Array.Find(Prefixes, prefix => word.StartsWith(prefix, StringComparison.Ordinal)) is not { } prefix
                || word.Contains(' ', StringComparison.Ordinal))
                continue;
            found.BeginOther();
            found.AddScript(new ScriptPattern(word[prefix.Length..]), areBeside: true);
        }
    }
}

/// <summary>
/// Which scripts of a package run side by side because another one starts both. By themselves they are ways to start one program, of which
/// one is chosen.
/// </summary>
internal sealed class ScriptsBeside
{
    /// <summary>So many steps are taken: a package that needs more was made to need them.</summary>
    private const int MostSteps = 200_000;

    private readonly Dictionary<string, FoundPorts> _scripts;
    private readonly Dictionary<string, SortedSet<string>> _beside = new(StringComparer.Ordinal);
    private int _steps;

    /// <param name="scripts">What each script of the package names and runs.</param>
    public ScriptsBeside(Dictionary<string, FoundPorts> scripts)
    {
        _scripts = scripts;
        foreach (var (name, found) in scripts)
        {
            if (found.Scripts.Count > 0)
                AddPairs(GroupsOf(name, found));
        }
    }

    /// <summary>The scripts that run beside a script, in order.</summary>
    public IEnumerable<string> Of(string name) => _beside.TryGetValue(name, out var others) ? others : [];

    private void AddPairs(List<HashSet<string>> groups)
    {
        groups.RemoveAll(static group => group.Count == 0);
        for (var one = 0; one < groups.Count; one++)
        {
            for (var other = one + 1; other < groups.Count && ++_steps <= MostSteps; other++)
            {
                foreach (var first in groups[one])
                {
                    foreach (var second in groups[other])
                    {
                        if (++_steps > MostSteps)
                            return;
                        if (first == second)
                            continue;
                        AddPair(first, second);
                        AddPair(second, first);
                    }
                }
            }
        }
    }

    private void AddPair(string one, string other)
    {
        if (!_beside.TryGetValue(one, out var others))
            _beside[one] = others = new SortedSet<string>(StringComparer.Ordinal);
        others.Add(other);
    }

    /// <summary>The scripts with ports in each list of commands that runs side by side with the others.</summary>
    private List<HashSet<string>> GroupsOf(string name, FoundPorts found)
    {
        var groups = new List<HashSet<string>>();
        var calls = found.Scripts.ToLookup(static call => call.Group);
        for (var group = 0; group < found.Groups; group++)
        {
            HashSet<string> ofGroup = found.HasPort(group) ? [name] : [];
            foreach (var call in calls[group])
            {
                foreach (var called in Called(call.Pattern))
                {
                    if (call.AreBeside && !call.Pattern.IsName)
                        groups.Add(WithPorts(called));
                    else
                        ofGroup.UnionWith(WithPorts(called));
                }
            }
            groups.Add(ofGroup);
        }
        return groups;
    }

    /// <summary>A script and those that it runs in turn, as far as they name ports.</summary>
    private HashSet<string> WithPorts(string name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { name };
        var open = new Stack<string>(seen);
        while (open.TryPop(out var next) && (_steps += 1 + _scripts[next].Scripts.Count) <= MostSteps)
        {
            foreach (var called in _scripts[next].Scripts.SelectMany(call => Called(call.Pattern)))
            {
                if (seen.Add(called))
                    open.Push(called);
            }
        }
        seen.RemoveWhere(one => _scripts[one].Count == 0);
        return seen;
    }

    private IEnumerable<string> Called(ScriptPattern pattern)
    {
        if (pattern.IsName)
            return _scripts.ContainsKey(pattern.Text) ? [pattern.Text] : [];
        _steps += _scripts.Count;
        return _steps > MostSteps ? [] : _scripts.Keys.Where(pattern.Fits);
    }
}

/// <summary>
/// The ports of one command line as they are found. Commands that follow one another are ways to start one server: what they name alike
/// counts once. Those that run side by side are two servers, and each counts.
/// </summary>
internal sealed class FoundPorts
{
    private readonly List<(string Command, CommandPort Port)> _ports = [];
    private readonly List<ScriptCall> _scripts = [];
    private readonly HashSet<int> _groupsWithPorts = [];
    private readonly HashSet<(int Port, string? Host)> _sinceOther = [];

    /// <summary>The name of the command whose ports are added.</summary>
    public string Command { get; set; } = "";

    /// <summary>How many were found, those that count once each time.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Where what is found now runs, a path from the folder of its own file, and empty there. In another folder scripts are those of
    /// another package.
    /// </summary>
    public string Folder { get; set; } = "";

    /// <summary>How many options for a port were not understood, or for none: what has one takes no other port in its place.</summary>
    public int Unclear { get; set; }

    public IReadOnlyList<ScriptCall> Scripts => _scripts;

    public int Groups { get; private set; } = 1;

    public void Add(CommandPort port)
    {
        Count++;
        _groupsWithPorts.Add(Groups - 1);
        if (_sinceOther.Add((port.Port, port.Host)))
            _ports.Add((Command, port with { Folder = Folder }));
    }

    /// <param name="pattern">The script's name, or a pattern that several have.</param>
    /// <param name="areBeside">All that have it run side by side.</param>
    public void AddScript(ScriptPattern pattern, bool areBeside)
    {
        if (Folder.Length == 0)
            _scripts.Add(new ScriptCall(Groups - 1, pattern, areBeside));
    }

    /// <summary>What is found from here on runs beside what was found before.</summary>
    public void BeginOther()
    {
        _sinceOther.Clear();
        Groups++;
    }

    /// <summary>Whether one of the lists that run side by side names a port itself.</summary>
    public bool HasPort(int group) => _groupsWithPorts.Contains(group);

    /// <summary>The ports; where two would read alike, each with its command's name.</summary>
    public List<CommandPort> All()
    {
        var alike = _ports.CountBy(static one => one.Port.Text).Where(static one => one.Value > 1).Select(static one => one.Key)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. _ports.Select(one => alike.Contains(one.Port.Text) && one.Command.Length > 0
                ? one.Port with { Text = $"{one.Command} {one.Port.Text}" } : one.Port),
        ];
    }
}
