namespace Bindwise.Linux.Units;

/// <summary>
/// The names of services and sockets that systemd knows: those with a file in one of its folders (systemd.unit(5)), and those that run, by
/// their cgroups. Its manager is not asked, which takes longer; homes are not looked into, since they may lie on a file system that does
/// not answer.
/// </summary>
internal static class UnitNames
{
    private const string Services = ".service";
    private const string Sockets = ".socket";
    private const string Cgroups = "/sys/fs/cgroup";

    /// <summary>The names in order, each once. Templates, which never run, are left out.</summary>
    /// <param name="root">The folder that stands for <c>/</c>; empty for the system's.</param>
    internal static IEnumerable<string> Read(string root = "")
    {
        var files = new ServiceFiles(root);
        var folders = UnitFolders.OfSystem(ForeignFolder.OfSystem(root));
        return folders.Folders.SelectMany(folders.List).Concat(Running(files))
            .Where(static name => (name.EndsWith(Services, StringComparison.Ordinal) || name.EndsWith(Sockets, StringComparison.Ordinal))
                && !name.Contains("@.", StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
    }

    // Instances of a template stand in a slice of their own: system-getty.slice/getty@tty1.service.
    private static IEnumerable<string> Running(ServiceFiles files)
    {
        var user = EffectiveIds.User().ToString(CultureInfo.InvariantCulture);
        string[] slices = ["/system.slice", $"/user.slice/user-{user}.slice/user@{user}.service/app.slice"];
        foreach (var slice in slices)
        {
            foreach (var name in files.Names(Cgroups + slice))
            {
                yield return name;
                if (!name.EndsWith(".slice", StringComparison.Ordinal))
                    continue;
                foreach (var inner in files.Names($"{Cgroups}{slice}/{name}"))
                    yield return inner;
            }
        }
    }
}
