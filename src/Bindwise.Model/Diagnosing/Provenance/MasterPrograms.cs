namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Servers whose master process makes the socket, starts workers that inherit it, and ends them when it ends itself.</summary>
internal static class MasterPrograms
{
    private static readonly HashSet<string> Programs =
    [
        "nginx", "apache", "httpd", "haproxy", "lighttpd", "php-fpm", "pgpool", "gunicorn", "uwsgi", "uwsgi-core", "puma", "unicorn",
    ];

    /// <summary>How the titles of workers begin.</summary>
    private static readonly ImmutableArray<string> WorkerTitles =
    [
        "nginx: worker process", "php-fpm: pool ", "gunicorn: worker ", "puma: cluster worker ", "unicorn worker[", "uWSGI worker ",
        "pgpool: ",
    ];

    public static bool Is(ProcessRecord process) => ProcessNames.KnownAs(process).Any(Programs.Contains);

    /// <summary>
    /// Whether a process surely is a worker. Without a title, a worker of Apache, HAProxy or lighttpd looks as a server without workers
    /// does.
    /// </summary>
    public static bool IsWorker(ProcessRecord process) => Workers.AreOfMultiprocessing(process)
        || (process.Arguments is [var title, ..] && WorkerTitles.Any(start => title.StartsWith(start, StringComparison.Ordinal)));

    /// <summary>Whether all who hold a socket are workers whose master has ended.</summary>
    public static bool HaveLostTheirs(ImmutableArray<Owner> owners) => !owners.IsEmpty && owners.All(IsLostWorker);

    /// <summary>Whether it is such a worker, where nobody who holds the socket made it.</summary>
    public static bool IsLostWorker(Owner owner) =>
        owner.Role == OwnerRole.Inherited && (Is(owner.Process) || Workers.AreOfMultiprocessing(owner.Process));
}
