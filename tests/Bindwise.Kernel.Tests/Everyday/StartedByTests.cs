using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Everyday.Checks;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>A server that another process started, watches or brings back: the first step stops what has to be stopped.</summary>
[Trait("Lane", "second")]
public sealed class StartedByTests
{
    /// <summary>Where the distribution has the server's programs.</summary>
    internal const string PostgreSql = "/usr/lib/postgresql/15/bin/";

    internal static IReadOnlyList<Situation> Table { get; } =
    [
        new("npm run dev", "3000")
        {
            Needs = "npm", SetUp = static machine => machine.ServeAsync("npm run dev", 3000),
            Says = ["server.js (node, pid {pid node server.js})"], Tells = ["npm run dev"], Never = ["Ctrl+C"], Advice = Advice.Ends("npm run dev", "node server.js"),
        },
        new("npm run dev on a terminal", "3000")
        {
            Needs = "npm", Terminal = 80, SetUp = static machine => machine.ServeAsync("npm run dev", 3000),
            Tells = ["npm run dev"], Advice = Advice.Ends("npm run dev", "node server.js"),
        },
        new("npm run dev of the user who asks", "3000")
        {
            Needs = "npm", User = TestHost.Nobody, SetUp = static machine => machine.ServeAsync("npm run dev", 3000, TestHost.Nobody),
            Tells = ["npm run dev"], Advice = Advice.Ends("npm run dev", "node server.js"),
        },
        new("npm run watch with node --watch", "3000")
        {
            Needs = "npm", SetUp = static machine => machine.ServeAsync("npm run watch", 3000),
            Tells = ["npm run watch"], Advice = Advice.Ends("npm run watch", "node --watch", "node server.js"),
        },
        new("A server in the terminal of an editor, which must live on", "3000")
        {
            Needs = "node",
            SetUp = static async machine => { await machine.PrepareAsync("cp /bin/sh code"); await machine.ServeAsync("./code -c 'node server.js; sleep 3000'", 3000); },
            Says = ["server.js"], Advice = Advice.Ends("node server.js"),
        },
        new("A server in a git project", "8000")
        {
            Needs = "git",
            SetUp = static async machine => { await machine.PrepareAsync("git init --quiet --initial-branch main"); await machine.ServeAsync("python3 -m http.server 8000", 8000); },
            Tells = ["(git main)"], Advice = Advice.Ends("http.server"),
        },
        new("A Node.js cluster", "3000")
        {
            Needs = "node", SetUp = static machine => machine.ServeAsync("node cluster.js", 3000),
            Says = ["cluster.js (node, pid {pid node cluster.js})"], Advice = Advice.Ends("cluster.js"),
        },
        new("A development server that reloads, as Flask's", "127.0.0.1:5000")
        {
            SetUp = static async machine =>
            {
                await machine.ServeAsync("python3 reloading.py", 5000);
                await machine.UntilRunAsync("reloading.py", 2);
            },
            Says = ["reloading.py"], Advice = Advice.Ends("reloading.py"),
        },
        new("gunicorn with two workers", "8000")
        {
            Needs = "gunicorn",
            SetUp = static async machine =>
            {
                await machine.ServeAsync("gunicorn --workers 2 --bind 127.0.0.1:8000 application", 8000);
                await machine.UntilRunAsync("gunicorn", 3);
            },
            Says = ["gunicorn"], Advice = Advice.Ends("gunicorn"),
        },
        new("A server that preforks", "8080")
        {
            SetUp = static machine => machine.StartScriptAsync("prefork.py", "3 share tcp 0.0.0.0 8080 reuseaddr listen"),
            Says = ["prefork.py"], Never = ["holders"], Advice = Advice.Ends("prefork.py"),
        },
        new("A server that preforks twelve", "8080")
        {
            SetUp = static machine => machine.StartScriptAsync("prefork.py", "12 share tcp 0.0.0.0 8080 reuseaddr listen"),
            Says = ["prefork.py"], Tells = ["its 12 workers"], Advice = Advice.Ends("prefork.py"),
        },
        new("A server that preforks twelve, from a script that starts others", "8080")
        {
            SetUp = static async machine =>
            {
                machine.Run($"{{ sleep 3000 & python3 -B -S {Programs.Script("prefork.py")} 12 share tcp 0.0.0.0 8080 reuseaddr listen & wait; }}");
                await Patience.UntilAsync(() => machine.Host.Processes.Commands().Values.Count(static command => command.StartsWith("python3", StringComparison.Ordinal)) == 13, "twelve workers");
            },
            Says = ["prefork.py"], Tells = ["its 12 workers", "bindwise free 8080 --yes"], Advice = Advice.Ends("prefork.py"),
        },
        new("Twelve servers that share one port", "8080")
        {
            SetUp = static machine => machine.StartScriptAsync("prefork.py", "12 own tcp 0.0.0.0 8080 reuseport listen"),
            Says = ["prefork.py"], Tells = ["bindwise free 8080 --yes"], Advice = Advice.Ends("prefork.py"),
        },
        new("Six servers on one port of six addresses", "8080")
        {
            SetUp = static async machine =>
            {
                for (var number = 1; number <= 6; number++)
                    await machine.StartScriptAsync("hold.py", $"tcp 127.0.0.{number} 8080 reuseaddr listen");
            },
            Says = ["hold.py", "5 other programs"], Tells = ["and 3 others"], Advice = Advice.Ends("hold.py"),
        },
        new("PHP with ten workers", "8000")
        {
            Needs = "php",
            SetUp = static async machine =>
            {
                await machine.ServeAsync("export PHP_CLI_SERVER_WORKERS=10; exec php -S 127.0.0.1:8000", 8000);
                await machine.UntilRunAsync("php -S", 11);
            },
            Says = ["php"], Tells = ["its 10 workers"], Advice = Advice.Ends("php -S"),
        },
        new("PostgreSQL with a session", "5432")
        {
            Needs = PostgreSql + "postgres", SetUp = PostgreSqlAsync,
            Says = ["postgres"], Tells = ["with SIGINT", "waiting for its clients"], Advice = Advice.Ends("postgres"),
        },
        new("nginx", "8080")
        {
            Needs = "nginx", SetUp = static machine => NginxAsync(machine, 0),
            Says = ["nginx"], Advice = Advice.Ends("nginx:"),
        },
        new("nginx of another user, its workers run as a third", "8080")
        {
            Needs = "nginx", User = TestHost.Nobody, SetUp = static machine => NginxAsync(machine, 0),
            Says = ["8080/tcp is taken"], Tells = ["nginx"], Advice = Advice.Ends("nginx:"),
        },
        new("nginx of the user who asks", "8081")
        {
            Needs = "nginx", User = TestHost.Nobody, SetUp = static machine => NginxAsync(machine, TestHost.Nobody),
            Says = ["nginx"], Advice = Advice.Ends("nginx:"),
        },
        new("nginx without a master, whose start script has ended", "8080")
        {
            Needs = "nginx", SetUp = static machine => machine.ServeAsync($"sh -c \"nginx -e stderr -c {machine.Project}/nginx.conf -g 'master_process off;' & exit 0\"", 8080),
            Says = ["nginx"], Never = ["inherited", "lost its master"], Advice = Advice.Ends("nginx"),
        },
        new("supervisord with a configuration of its own", "8000")
        {
            Needs = "supervisord", SetUp = static machine => machine.ServeAsync("supervisord -nc supervisord.ini", 8000),
            Says = ["http.server"], Tells = ["with supervisord"], Advice = Advice.EndsBy("stop-supervised", "http.server"),
        },
        new("A supervisor that starts it again", "8000")
        {
            SetUp = static machine => machine.ServeAsync("python3 supervising.py python3 -m http.server 8000", 8000),
            Says = ["http.server"], Tells = ["If it comes back"], Advice = Advice.EndsBy("end-parent", "supervising.py", "http.server"),
        },
        new("A shell script that starts it again", "8000")
        {
            SetUp = static machine => machine.ServeAsync("sh forever.sh", 8000),
            Says = ["http.server"], Advice = Advice.Ends("forever.sh", "http.server"),
        },
        new("A start script that waits for its server", "8000")
        {
            SetUp = static machine => machine.ServeAsync("sh start.sh", 8000),
            Says = ["http.server"], Advice = Advice.Ends("start.sh", "http.server"),
        },
        new("A server in the background whose shell is gone", "8000")
        {
            SetUp = static machine => machine.ServeAsync("nohup python3 -m http.server 8000 & exit 0", 8000),
            Says = ["http.server"], Advice = Advice.Ends("http.server"),
        },
        new("A sleep that inherited the listening socket", "8080")
        {
            SetUp = static async machine => { machine.Run("exec python3 spawning.py"); await machine.Host.Sockets.UntilSomeAsync(8080, "LISTEN"); await Patience.UntilAsync(() => !machine.Host.Processes.Commands().Values.Any(static command => command.Contains("spawning", StringComparison.Ordinal)), "its end"); },
            Says = ["sleep (pid {pid sleep 1800})"], Advice = Advice.Ends("sleep 1800"),
        },
        new("A listening socket passed on to another process", "8080")
        {
            SetUp = static machine => machine.StartScriptAsync("pass_on.py", "close tcp 0.0.0.0 8080 reuseaddr listen"),
            Says = ["pass_on.py"], Advice = Advice.Ends("pass_on.py"),
        },
        new("A suspended server", "8000")
        {
            SetUp = static async machine => { await machine.ServeAsync("python3 -m http.server 8000", 8000); await machine.SuspendAsync("http.server"); },
            Tells = ["suspended"], Advice = Advice.Ends("http.server"),
        },
        new("A suspended server of the user who asks, on a terminal", "3000")
        {
            Needs = "node", User = TestHost.Nobody, Terminal = 80,
            SetUp = static async machine => { await machine.ServeAsync("node server.js", 3000, TestHost.Nobody); await machine.SuspendAsync("node server.js"); },
            Tells = ["suspended"], Advice = Advice.Ends("node server.js"),
        },
        new("A server in a window of tmux", "3000")
        {
            Needs = "tmux", SetUp = static machine => TmuxAsync(machine),
            Says = ["server.js"], Tells = ["tmux"], Advice = Advice.Ends("server.js"),
        },
        new("A server in a window of tmux, suspended by Ctrl+Z", "3000")
        {
            Needs = "tmux",
            SetUp = static async machine =>
            {
                await TmuxAsync(machine);
                await machine.PrepareAsync("tmux send-keys C-z");
                await machine.Host.UntilStateAsync(machine.PidsOf("node server.js")[0], 'T');
            },
            Says = ["server.js"], Tells = ["suspended"], Advice = Advice.Ends("node server.js"),
        },
    ];

    [KernelTheory]
    [Rows]
    [Rows("node")]
    [Rows("git")]
    [Rows("npm")]
    [Rows("gunicorn")]
    [Rows("nginx")]
    [Rows("supervisord")]
    [Rows("tmux")]
    [Rows("php")]
    [Rows(PostgreSql + "postgres")]
    public Task Why_ServerThatAnotherStarted_TheFirstStepStopsTheRightOne(string situation) => SituationCheck.RunAsync(Table, situation);

    // As in most containers: what the step says is done by hand, and the port is free.
    [KernelFact("supervisord")]
    public async Task Why_SupervisordWithoutAControlSocket_TheStepThatIsToldStopsTheProgram()
    {
        await using var machine = await Machine.OpenAsync();
        const string File = "[supervisord]\nlogfile = %(here)s/bare.log\npidfile = %(here)s/bare.pid\n";
        await System.IO.File.WriteAllTextAsync(Path.Combine(machine.Project, "bare.ini"), File + "[program:api]\ncommand = python3 -m http.server 8000\n");
        await machine.ServeAsync("supervisord -nc bare.ini", 8000);

        var remedy = Assert.Single(Asking.Answers(await machine.Host.RunAsync(Programs.Bindwise, "why", "8000", "--json"))).Remedies[0];

        Assert.Null(remedy.Command);
        Assert.StartsWith($"supervisorctl cannot stop it (supervisord has no control socket): take [program:api] out of {machine.Project}/bare.ini, and have", remedy.Text, StringComparison.Ordinal);
        await System.IO.File.WriteAllTextAsync(Path.Combine(machine.Project, "bare.ini"), File);
        await machine.PrepareAsync(remedy.Text[remedy.Text.IndexOf("kill -HUP", StringComparison.Ordinal)..].TrimEnd('.'));
        await machine.Host.Sockets.UntilAsync(8000);
    }

    private static async Task NginxAsync(Machine machine, int user)
    {
        await machine.ServeAsync($"nginx -e stderr -c {machine.Project}/nginx.conf", 8080, user);
        // Named so once they have become their own user; until then they may not be looked into by others.
        await machine.UntilRunAsync("nginx: worker", 2);
    }

    private static async Task PostgreSqlAsync(Machine machine)
    {
        await machine.PrepareAsync($"{PostgreSql}initdb -D data -A trust -U shop --no-sync >initdb.log", TestHost.Nobody);
        await machine.ServeAsync($"{PostgreSql}postgres -D data -p 5432 -c unix_socket_directories=", 5432, TestHost.Nobody);
        // It refuses sessions while it starts up.
        await machine.PrepareAsync($"until {PostgreSql}psql -h 127.0.0.1 -U shop -d postgres -c 'select 1'; do sleep 0.1; done");
        machine.Run($"sleep 3000 | {PostgreSql}psql -h 127.0.0.1 -U shop -d postgres");
        await machine.UntilRunAsync("postgres: shop postgres", 1);
    }

    private static async Task TmuxAsync(Machine machine)
    {
        await machine.PrepareAsync("tmux new-session -d sh && tmux send-keys 'node server.js' Enter");
        await machine.Host.Sockets.UntilSomeAsync(3000, "LISTEN");
    }
}
