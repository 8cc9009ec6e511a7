namespace Bindwise.Planning.Formats.Commands;

/// <summary>Programs that run another command, which follows on their line.</summary>
internal static class CommandWrappers
{
    private static readonly HashSet<string> Names =
    [
        "npx", "pnpm", "yarn", "bunx", "exec", "dlx", "bundle", "cross-env", "dotenv", "--", "nohup", "pipenv", "poetry",
        "uv", "run", "rbenv", "concurrently", "sh", "bash", "-c", "-lc", "npm-run-all", "start-server-and-test", "dotenv-cli", "foreman",
        "set", "export",
    ];

    /// <summary>Those with words of their own before the command: the options that take a value, and how many others there are.</summary>
    private static readonly Dictionary<string, (string[] Valued, int Own)> WithOwnWords = new(StringComparer.Ordinal)
    {
        ["env"] = (["-u", "--unset", "-C", "--chdir"], 0),
        ["sudo"] = (["-u", "--user", "-g", "--group", "-C", "-D", "--chdir", "-R", "-T", "-p", "-h"], 0),
        ["time"] = (["-f", "--format", "-o", "--output"], 0),
        ["timeout"] = (["-k", "--kill-after", "-s", "--signal"], 1),
        ["nice"] = (["-n", "--adjustment"], 0),
        ["ionice"] = (["-c", "--class", "-n", "--classdata"], 0),
        ["stdbuf"] = (["-i", "--input", "-o", "--output", "-e", "--error"], 0),
        ["taskset"] = ([], 1),
        ["chrt"] = (["-T", "-P", "-D"], 1),
        ["setpriv"] =
        (
            [
                "--reuid", "--regid", "--ruid", "--rgid", "--euid", "--egid", "--groups", "--inh-caps", "--ambient-caps", "--bounding-set",
                "--securebits", "--pdeathsig", "--selinux-label", "--apparmor-profile",
            ], 0),
    };

    /// <summary>Whether a word is one of them.</summary>
    public static bool Contains(string word) =>
        PlanPath.NameOf(word) is var name && (Names.Contains(name) || WithOwnWords.ContainsKey(name));

    /// <summary>Whether a word stands before a command and is none of its own: a variable, or a program that runs the rest.</summary>
    public static bool IsBeforeCommand(string word) =>
        (word.Contains('=', StringComparison.Ordinal) && !word.StartsWith('-')) || Contains(word);

    /// <summary>The last of the words that belong to the one at an index, which is that one itself where it has none.</summary>
    public static int LastOwnWord(List<string> words, int at)
    {
        if (!WithOwnWords.TryGetValue(PlanPath.NameOf(words[at]), out var wrapper))
            return at;
        var own = wrapper.Own;
        for (; at + 1 < words.Count; at++)
        {
            var next = words[at + 1];
            if (next == "--")
                continue;
            if (next.StartsWith('-'))
                at += wrapper.Valued.Contains(next) && at + 2 < words.Count ? 1 : 0;
            else if (own-- <= 0)
                break;
        }
        return at;
    }
}
