using System.Globalization;
using System.Text.RegularExpressions;
using IsolatedProcess;

namespace Bindwise.Samples.Tests;

/// <summary>The side-by-side measurements of servers, in small: they run, and say of ours what they should.</summary>
[Trait("Lane", "second")]
public sealed partial class BenchTests
{
    private const int LimitMilliseconds = 1_800_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(LimitMilliseconds - 10_000);

    [IsolatedFact("python3", Timeout = LimitMilliseconds)]
    public async Task Restarts_OfMendedServers_NeverFail_AndOfBrokenOnesDo()
    {
        var (code, output, errors) = await Programs.RunAsync(Limit, Repository.File("bench/restarts/run"), "8");
        Assert.True(code == 0, errors);
        var failures = Row().Matches(output).ToDictionary(static row => row.Groups["title"].Value, static row => int.Parse(row.Groups["failed"].Value, CultureInfo.InvariantCulture));
        Assert.Equal(9, failures.Count);
        Assert.All(failures.Where(static one => one.Key.StartsWith("Mended", StringComparison.Ordinal)), static one => Assert.Equal(0, one.Value));
        Assert.All(failures.Where(static one => one.Key is ['S' or 'E' or 'A', ..] || one.Key.Contains("without SO_REUSEADDR", StringComparison.Ordinal)), static one => Assert.InRange(one.Value, 1, 8));
    }

    [IsolatedFact("python3", "fuser", Timeout = LimitMilliseconds)]
    public async Task Listeners_OfThePackage_DoNotShareAPortNorMissAPassedSocket()
    {
        var (code, output, errors) = await Programs.RunAsync(Limit, Repository.File("bench/listeners/run"), "--restarts", "0", "--only", "twice,busy-listener,listen-fds-wrapper",
            "--manners", "kestrel,reuse-address,fuser-kill,bindwise");
        Assert.True(code == 0, errors);
        // What a server says after a while it says on a busy host.
        output = After().Replace(output, "");
        var cells = output.Split('\n').Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).ToList();
        Has("| `ReuseAddress = true` | both run, without a word", "|");
        Has("| Bindwise | the second fails:", "|");
        Has("| `fuser -k 8080/tcp` first | ends the other program; fails: Address already in use |", "|");
        Has("| Kestrel, defaults |", "wait in vain |");
        Has("| Bindwise | `ListenPidMismatch.Refuse`: fails:", "are answered |");

        void Has(string start, string end) =>
            Assert.True(cells.Exists(line => line.StartsWith(start, StringComparison.Ordinal) && line.EndsWith(end, StringComparison.Ordinal)), $"{start} … {end} in\n{output}");
    }

    // Each of the page's programs keeps the parts of the others.
    [IsolatedFact("python3")]
    public async Task Page_KeepsItsOtherParts()
    {
        const string Script = """
            import pathlib, sys, tempfile
            sys.dont_write_bytecode = True
            sys.path.insert(0, sys.argv[1])
            import parts
            folder = tempfile.TemporaryDirectory()
            page = pathlib.Path(folder.name) / "page.md"
            parts.write(page, parts.SITUATIONS, "# one\n")
            assert page.read_text() == "# one\n"
            parts.write(page, parts.WAITING, "# three\n")
            assert parts.of(page) == ["# one", "", "# three", ""], page.read_text()
            parts.write(page, parts.LISTENERS, "# two\n")
            parts.write(page, parts.SITUATIONS, "# one again\n")
            parts.write(page, parts.WAITING, "# three again\n")
            parts.write(page, parts.LISTENERS, "# two again\n")
            text = "# one again\n\n" + parts.MARKS[0] + "\n# two again\n\n" + parts.MARKS[1] + "\n# three again\n"
            assert page.read_text() == text, page.read_text()
            parts.write(page, parts.SITUATIONS, "# one again\n")
            assert page.read_text() == text, page.read_text()
            """;
        var (code, _, errors) = await Programs.RunAsync(Limit, "python3", "-c", Script, Repository.File("bench/comparison"));
        Assert.True(code == 0, errors);
    }

    [GeneratedRegex(@"^\| (?<title>.+?) \| 8 \| (?<failed>\d+) \| ", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@" after \d+ seconds")]
    private static partial Regex After();
}
