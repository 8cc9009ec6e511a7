using System.Globalization;
using System.Text;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Deadlines;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Units;

/// <summary>Where a service manager finds its units, those first that go before others (systemd.unit(5), "Unit File Load Path").</summary>
/// <param name="Base">Below which the folders stand: the root of the manager's files.</param>
/// <param name="Folders">The folders.</param>
/// <param name="Runtime">What %t stands for.</param>
/// <param name="Home">What %h stands for; null when not known.</param>
internal sealed record UnitFolders(ForeignFolder Base, IReadOnlyList<string> Folders, string Runtime, string? Home)
{
    private const int MaximumEntries = 4096;

    /// <summary>The folders of a manager.</summary>
    internal static UnitFolders Of(ProcessRecord manager, string root)
    {
        if (!manager.Arguments.Contains("--user"))
            // That of a container reads the container's files.
            return OfSystem(manager.Container is null ? ForeignFolder.OfSystem(root) : ForeignFolder.OfProcess(manager.Id, root));
        return OfUser(root, manager.UserId ?? 0);
    }

    /// <summary>The file names in one of the folders, or in a folder beneath.</summary>
    internal List<string> List(string folder) => Place(ref folder).List(folder, MaximumEntries);

    /// <summary>A file's bytes; empty when it may not be read.</summary>
    internal ReadOnlySpan<byte> Read(string path) => Place(ref path).Read(path, UnitFile.MaximumBytes);

    /// <summary>Another name of a unit (Alias=): a link to a unit file of another name. That of an instance leads to its template.</summary>
    internal bool IsAlias(string path, string name)
    {
        var target = Place(ref path).ReadLink(path);
        var file = target[(target.LastIndexOf((byte)'/') + 1)..];
        return file.EndsWith(".socket"u8) && !file.EndsWith("@.socket"u8) && !file.SequenceEqual(Encoding.UTF8.GetBytes(name));
    }

    /// <summary>Those of the system's manager.</summary>
    internal static UnitFolders OfSystem(ForeignFolder root) => new(root,
    [
        "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient", "/run/systemd/generator.early", "/etc/systemd/system",
        "/etc/systemd/system.attached", "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator", "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/generator.late",
    ], "/run", "/root");

    /// <summary>Those of a user's own manager.</summary>
    internal static UnitFolders OfUser(string root, uint user)
    {
        var runtime = string.Create(CultureInfo.InvariantCulture, $"/run/user/{user}");
        var home = HomeFolder.Of(root, user);
        string[] own = home is null ? [] : [home + "/.config/systemd/user.control"];
        string[] configured = home is null ? [] : [home + "/.config/systemd/user"];
        string[] shared = home is null ? [] : [home + "/.local/share/systemd/user"];
        return new(ForeignFolder.OfSystem(root),
        [
            .. own, runtime + "/systemd/user.control", runtime + "/systemd/transient", runtime + "/systemd/generator.early", .. configured,
            "/etc/systemd/user", runtime + "/systemd/user", "/run/systemd/user", runtime + "/systemd/generator", .. shared,
            "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user", runtime + "/systemd/generator.late",
        ], runtime, home)
        {
            OfTheUser = [.. home is null ? [] : new[] { home }.Concat([runtime]).Select(place => (place, ForeignFolder.OfUser(root + place, user)))],
        };
    }

    /// <summary>Folders in which the manager's user writes.</summary>
    private IReadOnlyList<(string Path, ForeignFolder Folder)> OfTheUser { get; init; } = [];

    private ForeignFolder Place(ref string path)
    {
        foreach (var (place, folder) in OfTheUser)
        {
            if (!path.StartsWith(place + "/", StringComparison.Ordinal))
                continue;
            path = path[place.Length..];
            return folder;
        }
        return Base;
    }
}
