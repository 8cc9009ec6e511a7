using System.Globalization;
using System.Text;
using Bindwise.Linux.Accounts;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;
using Bindwise.Linux.Text;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Units;

/// <summary>Where a service manager finds its units, those first that go before others (systemd.unit(5), "Unit File Load Path").</summary>
/// <param name="Base">What stands before each folder: the root of the manager's files.</param>
/// <param name="Folders">The folders.</param>
/// <param name="Runtime">What %t stands for.</param>
/// <param name="Home">What %h stands for; null when not known.</param>
internal sealed record UnitFolders(string Base, IReadOnlyList<string> Folders, string Runtime, string? Home)
{
    private const int MaximumEntries = 4096;

    /// <summary>The folders of a manager.</summary>
    internal static UnitFolders Of(ProcessRecord manager, string root)
    {
        if (!manager.Arguments.Contains("--user"))
            // That of a container reads the container's files.
            return OfSystem(manager.Container is null ? root : string.Create(CultureInfo.InvariantCulture, $"{root}/proc/{manager.Id}/root"));
        return OfUser(root, manager.UserId ?? 0);
    }

    /// <summary>The file names in one of the folders, or in a folder beneath.</summary>
    internal List<string> List(string folder) => FolderNames.List(Base + folder, MaximumEntries);

    /// <summary>A file's bytes; empty when it may not be read.</summary>
    internal ReadOnlySpan<byte> Read(string path)
    {
        if (path.Contains('\0', StringComparison.Ordinal))
            return [];
        // A pipe in this place would hold up the reading for ever.
        var terminated = Encoding.UTF8.GetBytes($"{Base}{path}\0");
        if (StatX.Follow(OpenAt.WorkingDirectory, terminated, out var status) != Errno.None || (status.Mode & FileStatus.KindMask) != FileStatus.KindFile)
            return [];
        return ProcFile.ReadAll(OpenAt.WorkingDirectory, terminated, UnitFile.MaximumBytes, out var bytes) == Errno.None ? bytes : [];
    }

    /// <summary>Another name of a unit (Alias=): a link to a unit file of another name. That of an instance leads to its template.</summary>
    internal bool IsAlias(string path, string name)
    {
        Span<byte> target = stackalloc byte[512];
        if (ReadLinkAt.Read(OpenAt.WorkingDirectory, Encoding.UTF8.GetBytes($"{Base}{path}\0"), target, out var length) != Errno.None)
            return false;
        var file = target[(target[..length].LastIndexOf((byte)'/') + 1)..length];
        return file.EndsWith(".socket"u8) && !file.EndsWith("@.socket"u8) && !file.SequenceEqual(Encoding.UTF8.GetBytes(name));
    }

    /// <summary>Those of the system's manager.</summary>
    internal static UnitFolders OfSystem(string root) => new(root,
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
        return new(root,
        [
            .. own, runtime + "/systemd/user.control", runtime + "/systemd/transient", runtime + "/systemd/generator.early", .. configured,
            "/etc/systemd/user", runtime + "/systemd/user", "/run/systemd/user", runtime + "/systemd/generator", .. shared,
            "/usr/local/lib/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user", runtime + "/systemd/generator.late",
        ], runtime, home);
    }
}
