using System.Text.RegularExpressions;

namespace Bindwise.Cli.Tests.Help;

/// <summary>
/// What the completion scripts offer of this host, in real shells; a small program stands in for bindwise, and tells hostile names as well.
/// Bindwise.Kernel.Tests asks the real one about real servers.
/// </summary>
public sealed partial class LiveCompletionTests : IDisposable
{
    private const string Program =
        """
        #!/bin/sh
        case "$1 $2" in
            'complete ports') printf '80\tnginx (pid 7)\n8080\tserver.js (pid 8)\n8081\t$(touch hacked) `touch hacked` \\e[31m %%F{red} "x'"'"'\n53/udp\tunbound\n' ;;
            'complete units') printf 'nginx.service\t\nweb@1.service\t\n' ;;
            'complete containers') printf 'shop_web\tnginx:1.27\n' ;;
            *) echo "asked for $*" >&2; exit 2 ;;
        esac
        """;

    private static readonly Lazy<List<(string Shell, string Script)>> Scripts = new(static () => [.. new[] { "bash", "zsh", "fish" }.Select(static shell => (shell, Bindwise.Run("completion", shell).Output))]);

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-completion-").FullName;

    public LiveCompletionTests()
    {
        // Named so that no shell offers it for what the tests type.
        var written = Path.Combine(_folder, "script.txt");
        File.WriteAllText(written, Program + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(written, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            ProgramCopy.Make(written, Path.Combine(_folder, "bindwise"));
        }
        File.WriteAllText(Path.Combine(_folder, "own-command"), "");
        foreach (var (shell, script) in Scripts.Value)
            File.WriteAllText(Path.Combine(_folder, "script." + shell), script);
    }

    public static TheoryData<string, string> Lines => new()
    {
        { "why 8", "80 8080 8081" },
        { "free 80 80", "80 8080 8081" },
        { "wait --any 5", "53/udp" },
        { "ls t", "tcp" },
        { "ls 5", "53/udp" },
        { "80", "80 8080 8081" },
        { "run -- mktem", "mktemp" },
        { "wait 80 -- cat own", "own-command" },
        { "why --unit w", "web@1.service" },
        { "why --container s", "shop_web" },
        { "lab run 8", "" },
        { "matrix 8", "" },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LinuxTheory]
    [MemberData(nameof(Lines))]
    public void Bash_OffersWhatThereIs(string line, string words)
    {
        var run = Run(
            """
            bash -c '
                source ./script.bash
                COMP_WORDS=(bindwise $LINE)
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _bindwise ./bindwise "${COMP_WORDS[COMP_CWORD]}"
                echo "${COMPREPLY[*]}"'
            """, line);
        Assert.Equal((0, "", words + "\n"), (run.ExitCode, run.Errors, run.Output));
        AssertNothingRan();
    }

    [ShellTheory("fish")]
    [MemberData(nameof(Lines))]
    public void Fish_OffersWhatThereIs(string line, string words)
    {
        var run = Run("PATH=\"$PWD:$PATH\" HOME=\"$PWD\" fish --no-config -c 'source ./script.fish; complete -C \"bindwise $LINE\"'", line);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(words, string.Join(' ', run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split('\t')[0]).Where(static one => !one.Contains("script", StringComparison.Ordinal) && one != "bindwise")));
        if (line == "why 8")
            Assert.Contains("8080\tserver.js (pid 8)\n", run.Output, StringComparison.Ordinal);
        AssertNothingRan();
    }

    // The line editor on a terminal of its own, to which Tab is typed.
    [ShellTheory("zsh")]
    [InlineData("why 808", "8081  $(touch hacked) `touch hacked`")]
    [InlineData("why --unit ", "web@1.service")]
    [InlineData("80", "8080  server.js (pid 8)")]
    [InlineData("run -- mk", "mkfifo")]
    public void Zsh_OffersWhatThereIs(string line, string shown)
    {
        File.Move(Path.Combine(_folder, "script.zsh"), Path.Combine(_folder, "_bindwise"));
        File.WriteAllText(Path.Combine(_folder, "type.zsh"),
            """
            zmodload zsh/zpty
            zpty -b shell "TERM=vt100 PS1='> ' zsh -f -i"
            zpty -w shell 'stty cols 120 rows 40; PATH=$PWD:$PATH; fpath=($PWD $fpath); autoload -U compinit; compinit -u -d $PWD/dump; setopt auto_list list_ambiguous; LISTMAX=1000; echo ready-$((1+1))'
            read_until() {
                local all= part
                repeat 3000; do
                    zpty -rt shell part && all+=$part
                    [[ $all == *$1* ]] && break
                    sleep 0.05
                done
                print -r -- "$all"
            }
            read_until ready-2
            zpty -n -w shell "bindwise $LINE"$'\t\t'
            read_until "$SHOWN"
            zpty -d shell
            """);
        var run = Bindwise.RunShell("cd \"$F\" && HOME=\"$F\" zsh -f type.zsh", new() { ["F"] = _folder, ["LINE"] = line, ["SHOWN"] = shown });
        Assert.Contains(shown, Escape().Replace(run.Output, ""), StringComparison.Ordinal);
        AssertNothingRan();
    }

    [LinuxTheory]
    [InlineData("")]
    [InlineData("cats")]
    [InlineData("ports units")]
    public void Complete_WithoutAKind_IsOneLineAndTwo(string line)
    {
        var run = Bindwise.Run(["complete", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((2, "bindwise: name one kind: ports, units or containers (see: bindwise complete --help)"), (run.ExitCode, run.OneError));
    }

    [LinuxTheory]
    [InlineData("ports")]
    [InlineData("units")]
    [InlineData("containers")]
    public void Complete_OnThisHost_SaysNothingWrong(string kind)
    {
        var run = Bindwise.Run("complete", kind);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.All(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => Assert.Matches(@"^[A-Za-z0-9_.@:/][A-Za-z0-9_.@:/-]*\t[^\t\p{C}]{0,60}$", line));
    }

    private Run Run(string shell, string line) => Bindwise.RunShell($"cd \"$F\" && {shell}", new() { ["F"] = _folder, ["LINE"] = line });

    private void AssertNothingRan() => Assert.False(File.Exists(Path.Combine(_folder, "hacked")));

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escape();
}

/// <summary>A table of tests in a shell that not every machine has.</summary>
public sealed class ShellTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the shell, and sets the reason to skip where it is missing.</summary>
    public ShellTheoryAttribute(string shell)
    {
        if (!File.Exists("/usr/bin/" + shell) && !File.Exists("/bin/" + shell))
            Skip = $"needs {shell}: apt-get install {shell}";
    }
}
