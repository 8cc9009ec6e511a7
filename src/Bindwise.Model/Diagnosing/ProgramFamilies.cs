using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Diagnosing;

/// <summary>Which runtime or program a process is, by its executable and arguments, and with it what it does to a socket before bind().</summary>
internal static class ProgramFamilies
{
    private static readonly Dictionary<string, Origin> ByName = new(StringComparer.Ordinal)
    {
        ["node"] = Origins.Node,
        ["nodejs"] = Origins.Node,
        ["deno"] = Origins.Deno,
        ["bun"] = Origins.Bun,
        ["java"] = Origins.Java,
        ["dotnet"] = Origins.DotNet,
        ["ruby"] = Origins.Ruby,
        ["perl"] = Origins.Perl,
        ["php"] = Origins.Php,
        ["php-fpm"] = Origins.PhpFpm,
        ["python"] = Origins.PythonLibrary,
        ["beam.smp"] = Origins.Erlang,
        ["nginx"] = Origins.Nginx,
        ["apache"] = Origins.Apache,
        ["httpd"] = Origins.Apache,
        ["haproxy"] = Origins.HAProxy,
        ["postgres"] = Origins.PostgreSql,
        ["mysqld"] = Origins.MySql,
        ["mariadbd"] = Origins.MariaDb,
        ["pgpool"] = Origins.PgPool,
        ["redis-server"] = Origins.Redis,
        ["valkey-server"] = Origins.Redis,
        ["mongod"] = Origins.MongoDb,
        ["memcached"] = Origins.Memcached,
        ["sshd"] = Origins.Sshd,
        ["ssh"] = Origins.Ssh,
        ["dnsmasq"] = Origins.Dnsmasq,
        ["mosquitto"] = Origins.Mosquitto,
        ["uwsgi"] = Origins.Uwsgi,
        ["docker-proxy"] = Origins.DockerProxyOneFamily,
        ["systemd"] = Origins.Systemd,
    };

    /// <summary>Modules and scripts by which a Python program's library shows.</summary>
    private static readonly string[] ReusingPython = ["http.server", "gunicorn", "uvicorn", "hypercorn", "flask", "runserver", "twistd", "waitress-serve", "daphne"];

    /// <summary>What it is known to be; null for a program of its own.</summary>
    /// <param name="process">The process.</param>
    /// <param name="runtime">The runtime that stands in the executable itself; null when none was recognised.</param>
    public static Origin? Of(ProcessRecord process, string? runtime)
    {
        var name = WithoutVersion(ProcessNames.ProgramOf(process));
        if (!ByName.TryGetValue(name, out var origin))
            return runtime == Origins.Go.Runtime ? Origins.Go : null;
        return origin == Origins.PythonLibrary && process.Arguments.Any(IsReusingPython) ? Origins.PythonReusing : origin;
    }

    // "-m gunicorn", "/srv/venv/bin/gunicorn", "manage.py runserver".
    private static bool IsReusingPython(string argument) =>
        Array.Exists(ReusingPython, name => argument == name || argument.EndsWith("/" + name, StringComparison.Ordinal));

    // python3.12, php8.2, php-fpm8.2, ruby3.1, apache2.
    private static string WithoutVersion(string program) => program.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
}
