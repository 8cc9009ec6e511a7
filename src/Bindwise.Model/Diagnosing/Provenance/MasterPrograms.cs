using System.Collections.Frozen;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>Servers whose master process makes the socket, starts workers that inherit it, and ends them when it ends itself.</summary>
internal static class MasterPrograms
{
    private static readonly FrozenSet<string> Programs =
        FrozenSet.Create(StringComparer.Ordinal, "nginx", "apache2", "httpd", "haproxy", "lighttpd");
    private static readonly FrozenSet<string> Scripts =
        FrozenSet.Create(StringComparer.Ordinal, "gunicorn", "uwsgi", "puma", "unicorn");

    public static bool Is(ProcessRecord process) => ProcessNames.ProgramOf(process) is var program
        && (Programs.Contains(program) || program.StartsWith("php-fpm", StringComparison.Ordinal) || Scripts.Contains(program)
            || (ScriptNames.Run(process) is { } script && Scripts.Contains(script)));

    /// <summary>Whether a process is a worker whose master has ended: process 1 has taken it over.</summary>
    public static bool IsLostWorker(ProcessRecord process) => Is(process) && process.ParentId == 1 && process.GroupId != process.Id;

    /// <summary>Whether all who hold a socket are such workers.</summary>
    public static bool HaveLostTheirs(ImmutableArray<Owner> owners) =>
        !owners.IsEmpty && owners.All(static owner => owner.Role == OwnerRole.Inherited && IsLostWorker(owner.Process));
}
