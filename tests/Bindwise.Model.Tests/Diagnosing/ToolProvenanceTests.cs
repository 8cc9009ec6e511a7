using Bindwise.Model.Diagnosing.Provenance;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Package scripts, watchers and supervisors, by the command lines that they really have. Arguments are written with a bar between them.</summary>
public sealed class ToolProvenanceTests
{
    [Theory]
    [InlineData("npm run dev", "npm run dev", false)] // npm writes a title over its arguments
    [InlineData("node|/usr/lib/node_modules/npm/bin/npm-cli.js|run|dev", "npm run dev", false)]
    [InlineData("node|/usr/bin/yarn|dev", "yarn dev", false)]
    [InlineData("/usr/bin/node|/srv/.yarn/releases/yarn-4.1.0.cjs|run|dev", "yarn run dev", false)]
    [InlineData("node|/usr/local/bin/pnpm|dev", "pnpm dev", false)]
    [InlineData("bun|run|dev", "bun run dev", false)]
    [InlineData("bun|--cwd|/srv/shop|nodemon|server.ts", "nodemon server.ts", true)]
    [InlineData("pypy3|-m|flask|run|--debug", "flask run --debug", true)]
    [InlineData("deno|task|start", "deno task start", false)]
    [InlineData("make|run", "make run", false)]
    [InlineData("go|run|.", "go run .", false)]
    [InlineData("dotnet|run|--project|Shop", "dotnet run --project Shop", false)]
    [InlineData("dotnet|watch|run", "dotnet watch run", true)]
    [InlineData("/usr/share/dotnet/dotnet|/usr/share/dotnet/sdk/10.0.100/DotnetTools/dotnet-watch/10.0.100/tools/net10.0/any/dotnet-watch.dll|run", "dotnet watch run", true)]
    [InlineData("/root/.cargo/bin/cargo-watch|watch|-x|run", "cargo watch -x run", true)]
    [InlineData("node|/srv/node_modules/.bin/nodemon|server.js", "nodemon server.js", true)]
    [InlineData("node|--watch|server.js", "node --watch server.js", true)]
    [InlineData("node|--require|/x.cjs|/srv/node_modules/.bin/ts-node-dev|app.ts", "ts-node-dev app.ts", true)]
    [InlineData("node|/srv/node_modules/.bin/tsx|watch|app.ts", "tsx watch app.ts", true)]
    [InlineData("/usr/bin/python3|/usr/bin/uvicorn|app:app|--reload", "uvicorn app:app --reload", true)]
    [InlineData("/usr/bin/python3.12|-m|flask|run|--debug", "flask run --debug", true)]
    [InlineData("python|manage.py|runserver", "manage.py runserver", true)]
    [InlineData("ruby|/usr/bin/bundle|exec|puma", "bundle exec puma", false)]
    [InlineData("php8.2|artisan|serve", "artisan serve", false)]
    [InlineData("java|-classpath|/m/boot/plexus.jar|org.codehaus.plexus.classworlds.launcher.Launcher|spring-boot:run", "mvn spring-boot:run", false)]
    [InlineData("java|-Xmx512m|org.gradle.launcher.daemon.bootstrap.GradleDaemon|8.5", "gradle", false)]
    [InlineData("air|-c|.air.toml", "air -c .air.toml", true)]
    [InlineData("/usr/bin/watch|-n|1|srv", "watch -n 1 srv", true)]
    public void Parent_ThatIsATool_IsNamedAsTyped(string arguments, string expected, bool watches)
    {
        var tool = Of(Program(30, 20, arguments), Program(20, 10, "bash"));
        Assert.NotNull(tool);
        Assert.Equal((expected, 30, watches ? ToolKind.Watcher : ToolKind.Runner), (tool.Command, tool.ProcessId, tool.Kind));
    }

    [Theory]
    [InlineData("node|server.js")]
    [InlineData("python3|app.py")]
    [InlineData("java|-jar|app.jar")]
    [InlineData("dotnet|App.dll")]
    [InlineData("bun|server.ts")]
    [InlineData("go|build|.")]
    [InlineData("node|--require")]
    [InlineData("node|--loader")]
    [InlineData("node")]
    [InlineData("uvicorn|app:app")]
    [InlineData("nginx: master process /usr/sbin/nginx")]
    [InlineData("")]
    [InlineData("|")]
    [InlineData("bash|./make")]
    public void Parent_ThatIsNone_IsNoTool(string arguments) => Assert.Null(Of(Program(30, 20, arguments), Program(20, 10, "sh|-c|x")));

    [Fact]
    public void ToolsWithinTools_TheOutermostIsWhatWasTyped_AndAWatcherOnTheWayCounts()
    {
        var tool = Of(Program(50, 40, "node|/x/nodemon|server.js"), Program(40, 30, "sh|-c|nodemon server.js"), Program(30, 20, "npm run dev"), Program(20, 10, "-bash"), Program(10, 1, "make|shell"));
        Assert.Equal(("npm run dev", ToolKind.Watcher), (tool!.Command, tool.Kind));
    }

    [Theory]
    [InlineData("supervisord", "/usr/bin/python3|/usr/bin/supervisord|-n", ToolKind.Supervisord, "supervisord web")]
    [InlineData("PM2 v5.3.0: God", "PM2 v5.3.0: God Daemon (/root/.pm2)", ToolKind.Pm2, "pm2 web")]
    [InlineData("runsv", "runsv|nginx", ToolKind.Runit, "runsv nginx")]
    [InlineData("s6-supervise", "s6-supervise|nginx", ToolKind.S6, "s6-supervise nginx")]
    [InlineData("supervise", "supervise|nginx", ToolKind.Daemontools, "supervise nginx")]
    [InlineData("supervise-daemo", "supervise-daemon|nginx|--start", ToolKind.OpenRc, "supervise-daemon nginx")]
    public void Supervisor_GoesBeforeWhatItRuns(string name, string arguments, ToolKind kind, string command)
    {
        var tool = Of(Program(30, 20, "npm start"), Program(20, 1, arguments) with { Name = name });
        Assert.Equal((kind, command, 20), (tool!.Kind, tool.Command, tool.ProcessId));
    }

    [Fact]
    public void LongCommand_IsCut()
    {
        var tool = Of(Program(30, 20, "npm|run|" + new string('x', 500)));
        Assert.Equal(80, tool!.Command.Length);
        Assert.EndsWith("…", tool.Command, StringComparison.Ordinal);
    }

    private static StartingTool? Of(params ProcessRecord[] parents) => ToolProvenance.Of(new ProcessRecord { Id = 99, ParentId = parents[0].Id, SupervisedAs = "web" }, parents);

    private static ProcessRecord Program(int id, int parent, string arguments)
    {
        string[] words = arguments.Split('|');
        var name = words[0][(words[0].LastIndexOf('/') + 1)..].TrimStart('-');
        return new ProcessRecord { Id = id, ParentId = parent, GroupId = id, Name = name.Length > 15 ? name[..15] : name, Arguments = [.. words] };
    }
}
