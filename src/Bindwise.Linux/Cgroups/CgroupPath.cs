using System.Buffers;

namespace Bindwise.Linux.Cgroups;

/// <summary>What the path of a cgroup says about the systemd unit and the container that a process belongs to. Pure.</summary>
internal static class CgroupPath
{
    private const int ContainerIdLength = 64;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");
    private static readonly string[] UnitSuffixes = [".service", ".scope", ".socket", ".mount", ".swap"];

    /// <summary>
    /// The systemd unit, by the name that systemctl takes (<c>\x2d</c> stays: <c>a\x2db.service</c> and <c>a-b.service</c> are two units):
    /// the first element below the slices; below a user's own manager (<c>user@1000.service</c>) the user's unit.
    /// What a unit delegates to its payload is no unit of this host. Follows cg_path_get_unit and cg_path_get_user_unit of systemd.
    /// </summary>
    /// <returns>Null when no unit stands in the path.</returns>
    internal static string? Unit(string path)
    {
        string? manager = null;
        // Beneath a group that is none of systemd's own (a job of a CI system) stands its tree; inside a container that of another systemd.
        var isOutside = Container(path) is null;
        foreach (var element in Elements(path))
        {
            var name = element.StartsWith('_') ? element[1..] : element;
            if (name.EndsWith(".slice", StringComparison.Ordinal))
            {
                isOutside = false;
                continue;
            }
            if (!IsUnit(name))
            {
                if (isOutside && manager is null)
                    continue;
                return manager;
            }
            if (manager is not null || !IsUserManager(name))
                return name;
            manager = name;
        }

        return manager;
    }

    /// <summary>
    /// The container: the 64 hexadecimal digits by which Docker, containerd, CRI-O and Podman name theirs, or the name of an LXC or
    /// systemd-nspawn container. The outermost one: it is known to this host's engine. Monitors (conmon, lxc.monitor) are outside.
    /// </summary>
    /// <returns>Null when the path names no container.</returns>
    internal static string? Container(string path)
    {
        var previous = "";
        foreach (var element in Elements(path))
        {
            if (HexId(element) is { } id)
                return id;
            if (element.StartsWith("lxc.payload.", StringComparison.Ordinal))
                return element["lxc.payload.".Length..];
            if (previous is "lxc" or "lxc.payload")
                return element;
            if (MachineName(element) is { } machine)
                return machine;
            previous = element;
        }

        return null;
    }

    private static IEnumerable<string> Elements(string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(element => element is not (".." or "."));

    private static bool IsUnit(string element) =>
        UnitSuffixes.Any(suffix => element.Length > suffix.Length && element.EndsWith(suffix, StringComparison.Ordinal));

    private static bool IsUserManager(string unit) =>
        unit.StartsWith("user@", StringComparison.Ordinal) && unit.EndsWith(".service", StringComparison.Ordinal);

    // 0123…, docker-0123….scope, cri-containerd-0123….scope, libpod-0123….scope; not crio-conmon-0123….scope
    private static string? HexId(string element)
    {
        var name = element.EndsWith(".scope", StringComparison.Ordinal) ? element[..^".scope".Length] : element;
        if (name.Length < ContainerIdLength || name.AsSpan(name.Length - ContainerIdLength).ContainsAnyExcept(LowerHex))
            return null;
        var engine = name[..^ContainerIdLength];
        var isEngine = engine.Length == 0 || (engine[^1] is '-' or ':' && !engine.Contains("conmon", StringComparison.Ordinal));
        return isEngine ? name[^ContainerIdLength..] : null;
    }

    // machine-web\x2d1.scope or systemd-nspawn@web\x2d1.service; the machines of QEMU hold a guest, not processes of this kernel.
    private static string? MachineName(string element)
    {
        var name = Between(element, "machine-", ".scope") ?? Between(element, "systemd-nspawn@", ".service");
        var unescaped = name is null ? null : Unescape(name);
        return unescaped is null || unescaped.StartsWith("qemu-", StringComparison.Ordinal) ? null : unescaped;
    }

    private static string? Between(string text, string prefix, string suffix) =>
        text.Length > prefix.Length + suffix.Length
        && text.StartsWith(prefix, StringComparison.Ordinal)
        && text.EndsWith(suffix, StringComparison.Ordinal)
            ? text[prefix.Length..^suffix.Length]
            : null;

    // systemd.unit(5), "String Escaping for Inclusion in Unit Names"; only ASCII is undone, so the text stays well-formed.
    internal static string Unescape(string name)
    {
        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '\\' && i + 3 < name.Length && name[i + 1] == 'x'
                && byte.TryParse(name.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                && value is > 0x20 and < 0x7f)
            {
                text.Append((char)value);
                i += 3;
            }
            else
            {
                text.Append(name[i]);
            }
        }

        return text.ToString();
    }

    /// <summary>A group and those above it: the kernel's path, and the part below the mount.</summary>
    internal static IEnumerable<(string Path, string Below)> Levels(string path, string below)
    {
        while (true)
        {
            yield return (path, below);
            var slash = below.TrimEnd('/').LastIndexOf('/');
            if (slash < 0)
                yield break;
            below = below[..slash];
            path = path[..Math.Max(path.TrimEnd('/').LastIndexOf('/'), 1)];
        }
    }
}
