using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Servers that are used as they are: whoever runs one does not change its code, and its settings say where it listens.</summary>
internal static class PackagedServers
{
    private const string PythonServer = "python -m http.server", PhpServer = "php -S", Port = "PORT";

    private static readonly Dictionary<string, string> LoopbackSettings = new()
    {
        ["nginx"] = "listen 127.0.0.1:PORT;",
        ["apache2"] = "Listen 127.0.0.1:PORT",
        ["haproxy"] = "bind 127.0.0.1:PORT",
        ["postgres"] = "listen_addresses = 'localhost'",
        ["mysqld"] = "bind-address = 127.0.0.1",
        ["mariadbd"] = "bind-address = 127.0.0.1",
        ["redis-server"] = "bind 127.0.0.1",
        ["mongod"] = "--bind_ip 127.0.0.1",
        ["memcached"] = "-l 127.0.0.1",
        ["sshd"] = "ListenAddress 127.0.0.1",
        ["dnsmasq"] = "listen-address=127.0.0.1",
        ["mosquitto"] = "listener PORT 127.0.0.1",
        [PythonServer] = "--bind 127.0.0.1",
        [PhpServer] = "-S 127.0.0.1:PORT",
    };

    /// <summary>What a process of one is called; null for a program whose code may be the reader's own.</summary>
    public static string? NameOf(ProcessRecord process) => ProgramFamilies.Of(process, null)?.Program
        ?? (ScriptNames.Run(process) == "http.server" ? PythonServer
            : RuntimeBook.OfProgram(ProcessNames.ProgramOf(process)) == Runtime.Php && process.Arguments.Contains("-S") ? PhpServer : null);

    /// <summary>The setting by which it listens on loopback alone; null where that is not known.</summary>
    /// <param name="server">As <see cref="NameOf"/> calls it.</param>
    public static string? OnLoopback(string server, ushort port) => LoopbackSettings.GetValueOrDefault(server)
        ?.Replace(Port, Wording.Number(port), StringComparison.Ordinal);
}
