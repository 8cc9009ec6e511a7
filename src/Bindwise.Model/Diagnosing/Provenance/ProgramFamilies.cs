using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Which runtime or program a process is, by its executable and arguments, and with it what it does to a socket before bind().</summary>
internal static class ProgramFamilies
{
    private static readonly Dictionary<string, RuntimeProfile> ByName = new(StringComparer.Ordinal)
    {
        ["node"] = RuntimeProfiles.Node,
        ["nodejs"] = RuntimeProfiles.Node,
        ["deno"] = RuntimeProfiles.Deno,
        ["bun"] = RuntimeProfiles.Bun,
        ["java"] = RuntimeProfiles.Java,
        ["dotnet"] = RuntimeProfiles.DotNet,
        ["ruby"] = RuntimeProfiles.Ruby,
        ["perl"] = RuntimeProfiles.Perl,
        ["php"] = RuntimeProfiles.Php,
        ["php-fpm"] = RuntimeProfiles.PhpFpm,
        ["python"] = RuntimeProfiles.PythonLibrary,
        ["beam.smp"] = RuntimeProfiles.Erlang,
        ["nginx"] = RuntimeProfiles.Nginx,
        ["apache"] = RuntimeProfiles.Apache,
        ["httpd"] = RuntimeProfiles.Apache,
        ["haproxy"] = RuntimeProfiles.HAProxy,
        ["postgres"] = RuntimeProfiles.PostgreSql,
        ["mysqld"] = RuntimeProfiles.MySql,
        ["mariadbd"] = RuntimeProfiles.MariaDb,
        ["pgpool"] = RuntimeProfiles.PgPool,
        ["redis-server"] = RuntimeProfiles.Redis,
        ["valkey-server"] = RuntimeProfiles.Redis,
        ["mongod"] = RuntimeProfiles.MongoDb,
        ["memcached"] = RuntimeProfiles.Memcached,
        ["sshd"] = RuntimeProfiles.Sshd,
        ["ssh"] = RuntimeProfiles.Ssh,
        ["dnsmasq"] = RuntimeProfiles.Dnsmasq,
        ["mosquitto"] = RuntimeProfiles.Mosquitto,
        ["uwsgi"] = RuntimeProfiles.Uwsgi,
        ["docker-proxy"] = RuntimeProfiles.DockerProxyOneFamily,
        ["systemd"] = RuntimeProfiles.Systemd,
    };

    /// <summary>Modules and scripts by which a Python program's library shows.</summary>
    private static readonly string[] ReusingPython = ["http.server", "gunicorn", "uvicorn", "hypercorn", "flask", "runserver", "twistd", "waitress-serve", "daphne"];

    /// <summary>What it is known to be; null for a program of its own.</summary>
    /// <param name="process">The process.</param>
    /// <param name="runtime">The runtime that stands in the executable itself; null when none was recognised.</param>
    public static RuntimeProfile? Of(ProcessRecord process, string? runtime)
    {
        var name = WithoutVersion(ProcessNames.ProgramOf(process));
        if (!ByName.TryGetValue(name, out var origin))
            return runtime == RuntimeProfiles.Go.Runtime ? RuntimeProfiles.Go : null;
        return origin == RuntimeProfiles.PythonLibrary && process.Arguments.Any(IsReusingPython) ? RuntimeProfiles.PythonReusing : origin;
    }

    // "-m gunicorn", "/srv/venv/bin/gunicorn", "manage.py runserver".
    private static bool IsReusingPython(string argument) =>
        Array.Exists(ReusingPython, name => argument == name || argument.EndsWith("/" + name, StringComparison.Ordinal));

    // python3.12, php8.2, php-fpm8.2, ruby3.1, apache2.
    private static string WithoutVersion(string program) => program.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
}
