using System.Text;
using Bindwise.Kernel.Tests.Isolation;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Runtimes;
using IsolatedProcess;

namespace Bindwise.Kernel.Tests.Snippets;

/// <summary>
/// The lines of code that remedies give, each run in its own language by a program that looks at what they achieved. Python, Node.js and C
/// run everywhere (.NET: <see cref="DotNetSnippetTests"/>); of the others those that BINDWISE_SNIPPETS names, since their tools are not asked of
/// a machine: <c>BINDWISE_SNIPPETS="ruby php java" dotnet test</c>; go as well, where golang.org/x/sys stands in /usr/share/gocode.
/// </summary>
public sealed class SnippetTests
{
    private const string Mark = "@@";

    public static TheoryData<string, string> Runtimes
    {
        get
        {
            var rows = new TheoryData<string, string> { { "python", "snippets.py" }, { "node", "snippets.mjs" }, { "c", "snippets.c" } };
            var told = (Environment.GetEnvironmentVariable("BINDWISE_SNIPPETS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            foreach (var (runtime, program) in new[] { ("ruby", "snippets.rb"), ("php", "snippets.php"), ("java", "Snippets.java"), ("go", "snippets.go") })
            {
                if (told.Contains(runtime))
                    rows.Add(runtime, program);
            }
            return rows;
        }
    }

    [KernelTheory("node")]
    [MemberData(nameof(Runtimes))]
    public async Task Code_InItsOwnLanguage_DoesWhatItIsGivenFor(string runtime, string program)
    {
        var language = new TargetLanguage(RuntimeBook.Languages.Single(one => RuntimeBook.Id(one) == runtime), IsKnown: true);
        var source = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Snippets", "Programs", program));
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, program);
        await File.WriteAllTextAsync(file, Fill(source, language));

        var outcome = await host.RunAsync(["/bin/sh", "-c", CommandOf(runtime).Replace("FILE", file, StringComparison.Ordinal)]);

        Assert.True(outcome is { ExitCode: 0 or 143 } && !outcome.Output.Contains("FAILED", StringComparison.Ordinal), outcome.ToString());
        var done = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var given = Enum.GetValues<SnippetKind>().Where(kind => CodeSnippets.Of(kind, language).Code is not null).Select(static kind => kind.ToString());
        Assert.True(given.All(done.Contains), $"without a test: {string.Join(", ", given.Except(done))}\n{outcome}");
    }

    [Fact]
    public void Table_OfEveryKind_SaysSomethingInEveryRuntime()
    {
        foreach (var runtime in RuntimeBook.Languages)
        {
            foreach (var kind in Enum.GetValues<SnippetKind>())
            {
                var snippet = CodeSnippets.Of(kind, new TargetLanguage(runtime, IsKnown: true));
                Assert.True(snippet.Code is not null || snippet.Said is not null || (runtime, kind) is (Runtime.C, SnippetKind.KeepAlive), $"{kind} in {runtime}");
                Assert.True(snippet.Code?.Contains('\t', StringComparison.Ordinal) != true, $"{kind} in {runtime} has a tab, which is escaped where it is shown");
                Assert.True(snippet.Said?.EndsWith('.') != true, $"{kind} in {runtime}: the stop is added");
            }
        }
    }

    private static string CommandOf(string runtime) => runtime switch
    {
        "python" => "exec python3 -B FILE",
        "node" => "exec node FILE",
        "c" => $"{(Needs.Find("clang") is null ? "gcc" : "clang")} -std=gnu11 -o FILE.out FILE && exec FILE.out",
        "ruby" => "exec ruby FILE",
        "php" => "exec php FILE",
        "java" => "exec java -cp /nowhere FILE",
        _ => "export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$(dirname FILE)/cache && exec go run FILE",
    };

    /// <summary>Every line that is a mark is replaced by the snippet's code, indented as the mark is.</summary>
    private static string Fill(string[] source, TargetLanguage language)
    {
        var text = new StringBuilder();
        foreach (var line in source)
        {
            var at = line.IndexOf(Mark, StringComparison.Ordinal);
            if (at < 0 || line.AsSpan(0, at).Trim().Length > 0)
            {
                text.Append(line).Append('\n');
                continue;
            }
            var words = line[(at + Mark.Length)..].Split(' ');
            var snippet = CodeSnippets.Of(Enum.Parse<SnippetKind>(words[^1]), language with { IsAsyncio = words.Length > 1 });
            Assert.True(snippet.Code is not null, $"{line.Trim()} has no code in {language.Runtime}");
            foreach (var code in snippet.Code!.Split('\n'))
                text.Append(line.AsSpan(0, at)).Append(code).Append('\n');
        }
        return text.ToString();
    }
}
