using Bindwise.Linux.Containers;
using Bindwise.Linux.Native;
using Bindwise.Linux.Units;
using Bindwise.Model.Snapshots;

namespace Bindwise;

/// <summary>A name of something that exists now. Neither text is escaped.</summary>
/// <param name="Value">As a command line takes it.</param>
/// <param name="About">A few words on it; may be empty.</param>
internal readonly record struct NameInUse(string Value, string About);

/// <summary>Names of what exists on this host now, for who completes a command line.</summary>
internal static class NamesInUse
{
    /// <summary>The TCP and UDP ports in use, as <c>8080</c> and <c>53/udp</c>.</summary>
    /// <param name="withOwners">Also says who holds them, which takes longer where processes hold up whoever looks at them.</param>
    /// <exception cref="PortQueryException">The socket table cannot be read.</exception>
    public static IEnumerable<NameInUse> Ports(bool withOwners) =>
        from port in PortDiagnostics.List(new PortListRequest { Portable = !withOwners }).Ports
        where port is { Port: not null, LastPort: null }
        let number = port.Port!.Value.ToString(CultureInfo.InvariantCulture)
        select new NameInUse(port.Protocol == Protocol.Udp ? number + "/udp" : number, About(port));

    /// <summary>Services and sockets of systemd that have a file or run.</summary>
    public static IEnumerable<NameInUse> Units() =>
        OperatingSystem.IsLinux() ? UnitNames.Read().Select(static name => new NameInUse(name, "")) : [];

    public static IEnumerable<NameInUse> Containers() => !OperatingSystem.IsLinux() ? []
        : new ContainerReader().Running(EffectiveIds.User())
            .Select(static container => new NameInUse(container.Name ?? ContainerRecord.ShortId(container.Id), container.Image ?? ""));

    private static string About(ListedPort port)
    {
        var owner = port.Container ?? port.Unit ?? port.Name ?? port.UserName ?? "";
        return port.Owners is [var first, ..] ? string.Create(CultureInfo.InvariantCulture, $"{owner} (pid {first.Process.Id})") : owner;
    }
}
