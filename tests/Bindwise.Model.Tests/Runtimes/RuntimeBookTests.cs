using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Tests.Runtimes;

/// <summary>Whoever asks about a runtime reads the one table.</summary>
public sealed class RuntimeBookTests
{
    [Fact]
    public void Rows_HaveIdsLabelsAndProgramsOfTheirOwn()
    {
        Assert.Equal(RuntimeBook.All.Length, RuntimeBook.All.Select(static runtime => runtime.Id()).Distinct().Count());
        Assert.All(RuntimeBook.All, static runtime => Assert.Equal(runtime, RuntimeBook.OfLabel(runtime.Label())));
    }

    [Theory]
    [InlineData("python3.12", Runtime.Python)]
    [InlineData("pypy3", Runtime.Python)]
    [InlineData("php-cgi8.2", Runtime.Php)]
    [InlineData("deno", Runtime.Deno)]
    [InlineData("bun", Runtime.Bun)]
    [InlineData("beam.smp", Runtime.Erlang)]
    [InlineData("zsh", Runtime.Shell)]
    [InlineData("php-fpm8.2", null)]
    [InlineData("python3-server", null)]
    [InlineData("", null)]
    public void OfProgram_IsByTheFileNameWithoutItsVersion(string name, Runtime? runtime) => Assert.Equal(runtime, RuntimeBook.OfProgram(name));

    [Theory]
    [InlineData("server.ts", "deno", "run", "-A", "--import-map", "imports.json", "/srv/server.ts")]
    [InlineData("server.ts", "bun", "--cwd", "/srv/shop", "run", "server.ts")]
    [InlineData("app.exe", "mono", "/srv/app.exe")]
    [InlineData("http.server", "python3", "-X", "dev", "-m", "http.server")]
    [InlineData("app.jar", "java", "--limit-modules", "java.base", "-jar", "/srv/app.jar")]
    [InlineData("Main", "java", "@options", "org.example.Main")]
    [InlineData("run.sh", "bash", "-e", "/srv/run.sh")]
    [InlineData("router.php", "php", "-S", "localhost:8000", "/srv/router.php")]
    [InlineData(null, "perl", "-E", "listen()")]
    [InlineData(null, "php", "-S", "localhost:8000", "-t", "public")]
    [InlineData(null, "node", "-e", "listen()")]
    [InlineData(null, "python3", "-u")]
    [InlineData(null, "python3", "-u", "-", "backup.py", "8080")]
    [InlineData(null, "node", "-", "backup.js")]
    public void ScriptNames_ReadTheWordsOfTheTable(string? script, params string[] arguments) =>
        Assert.Equal(script, ScriptNames.Of(new ProcessRecord { Id = 1, Name = arguments[0], Executable = "/usr/bin/" + arguments[0], Arguments = [.. arguments] }));

    [Theory]
    [InlineData("pypy3", "Python")]
    [InlineData("php-cgi", "PHP")]
    [InlineData("deno", "Deno")]
    [InlineData("bun", "Bun")]
    [InlineData("bash", null)]
    public void ProgramFamilies_KnowEveryProgramOfTheTable(string program, string? runtime) =>
        Assert.Equal(runtime, ProgramFamilies.Of(new ProcessRecord { Id = 1, Executable = "/usr/bin/" + program }, null)?.Runtime);

    // Debian's redis-server is a link to redis-check-rdb. What stands in the executable itself goes first, and some do the work of many names their own way.
    [Theory]
    [InlineData("redis-server", "/usr/bin/redis-check-rdb", "redis-server", "redis-server *:6379")]
    [InlineData("redis-server", "/usr/bin/redis-check-rdb", "io", "redis-server *:6379")]
    [InlineData("redis-server", "/usr/bin/redis-check-rdb", "redis-server", "--")]
    [InlineData("nginx", "/nix/store/nginx/bin/.nginx-wrapped", ".nginx-wrapped", "/nix/store/nginx/bin/nginx")]
    [InlineData("nginx", "/usr/sbin/nginx", "memcached", "/usr/bin/memcached")]
    [InlineData(null, "/usr/bin/python3.12", "nginx", "nginx")]
    [InlineData(null, "/bin/bash", "nginx", "nginx")]
    [InlineData(null, "/bin/busybox", "httpd", "httpd")]
    [InlineData(null, "/usr/sbin/dropbear", "ssh", "/usr/bin/ssh")]
    [InlineData(null, "/srv/nginx sites/own", "own", "/srv/nginx sites/own")]
    [InlineData(null, "/srv/own", "own", "")]
    public void ProgramFamilies_WithoutTheExecutablesOwn_AreThoseOfTheNameItWasStartedBy(string? known, string executable, string name, string first)
    {
        var process = new ProcessRecord { Id = 1, Name = name, Executable = executable, Arguments = [first] };
        Assert.Equal(known, ProgramFamilies.Of(process, null)?.Program);
        Assert.Equal(known, ProgramFamilies.Of(process with { Arguments = [first, "", ""] }, null)?.Program);
        Assert.Null(ProgramFamilies.Of(process with { Executable = "/srv/own", Name = "", Arguments = [new string('/', 100_000) + "nginx"] }, null));
        Assert.Equal("Go", ProgramFamilies.Of(process with { Executable = "/srv/own", Name = "nginx" }, "Go")?.Runtime);
    }

    // A language that falls through to C's words would show as C's.
    [Fact]
    public void Languages_HaveWordsOfTheirOwnForEverySnippet() =>
        Assert.All(Enum.GetValues<SnippetKind>(), static kind => Assert.All(RuntimeBook.Languages.Where(static one => one != Runtime.C), language =>
            Assert.NotEqual(CodeSnippets.Of(kind, new TargetLanguage(Runtime.C, IsKnown: true)), CodeSnippets.Of(kind, new TargetLanguage(language, IsKnown: true)))));
}
