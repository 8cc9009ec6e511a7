using System.Collections.Frozen;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Servers whose master process makes the socket, starts workers that inherit it, and ends them when it ends itself.</summary>
internal static class MasterPrograms
{
    private static readonly FrozenSet<string> Programs = FrozenSet.Create(
        StringComparer.Ordinal,
        "nginx", "apache", "httpd", "haproxy", "lighttpd", "php-fpm", "pgpool", "gunicorn", "uwsgi", "uwsgi-core", "puma", "unicorn");

    public static bool Is(ProcessRecord process) => ProcessNames.KnownAs(process).Any(Programs.Contains);

    /// <summary>Whether a process is a worker whose master has ended: process 1 has taken it over.</summary>
    public static bool IsLostWorker(ProcessRecord process) =>
        (Is(process) || Workers.AreOfMultiprocessing(process)) && process.ParentId == 1 && process.GroupId != process.Id;

    /// <summary>Whether all who hold a socket are such workers.</summary>
    public static bool HaveLostTheirs(ImmutableArray<Owner> owners) =>
        !owners.IsEmpty && owners.All(static owner => owner.Role == OwnerRole.Inherited && IsLostWorker(owner.Process));
}
