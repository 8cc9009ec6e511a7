using System.Net;
using System.Net.Sockets;

namespace Bindwise.Tools;

/// <summary>
/// Which ports to pick. Immutable; checked when they are picked. By default one TCP port outside the ephemeral range, on every address.
/// </summary>
public sealed record PortPickRequest
{
    /// <summary>The most ports of one request.</summary>
    public const int MostPorts = 200;

    /// <summary>The longest <see cref="Lease"/>: a day.</summary>
    public static TimeSpan LongestLease { get; } = TimeSpan.FromDays(1);

    /// <summary>How many, 1 to <see cref="MostPorts"/>: all of them are picked, or none.</summary>
    public int Count { get; init; } = 1;

    /// <summary>
    /// Only these ports, those outside the ephemeral range first; null: any from 1024 on outside the ephemeral range, those from 10000 on
    /// first.
    /// </summary>
    public PortRange? Range { get; init; }

    /// <summary>
    /// The ports nearest to this one first, 1 to 65535; where it is in the ephemeral range, those of that range count too. Null: in a
    /// random order.
    /// </summary>
    public int? Near { get; init; }

    /// <summary>This port before all others, if it can be had, 1 to 65535; null for none.</summary>
    public int? Prefer { get; init; }

    /// <summary>
    /// The address that the program will bind; null: every address of both families, so that no address and no family of the port is taken.
    /// </summary>
    public IPAddress? Address { get; init; }

    /// <summary>The number has to be free for UDP as well as for TCP.</summary>
    public bool Udp { get; init; }

    /// <summary>
    /// How long no other pick of this network namespace gets the ports: at most <see cref="LongestLease"/>, and never longer than the <see
    /// cref="PickedPorts"/> are undisposed and the process lives. Null: for as long as that; zero: not after they are picked.
    /// </summary>
    public TimeSpan? Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Leaves a TIME_WAIT on each TCP port, which keeps it out of the kernel's automatic choice (port 0, connect()) and out of other picks
    /// for 60 s, also beyond the end of this process. Only a program that sets SO_REUSEADDR can bind the port then.
    /// </summary>
    public bool Reserve { get; init; }

    /// <exception cref="ArgumentException">It contradicts itself.</exception>
    internal void Check()
    {
        if (Count is < 1 or > MostPorts)
            throw new ArgumentException($"Pick 1 to {MostPorts} ports at once.", "request");
        if (Range is { First: 0 })
            throw new ArgumentException("A range of ports to pick from begins with 1 at least.", "request");
        if (Near is < 1 or > ushort.MaxValue || Prefer is < 1 or > ushort.MaxValue)
            throw new ArgumentException("A port is a number from 1 to 65535.", "request");
        if (Lease is { } lease && (lease < TimeSpan.Zero || lease > LongestLease))
            throw new ArgumentException("A lease is at least zero, and at most a day.", "request");
        if (Address is { AddressFamily: AddressFamily.InterNetworkV6 } address && address.ScopeId != 0)
            throw new ArgumentException("Ports are not picked for an address of one interface (%scope).", "request");
    }
}

/// <summary>There are not enough ports. None was kept.</summary>
public sealed class PortPickException : Exception, IBindwiseException
{
    internal PortPickException(PortPickShortage shortage) : base(shortage.ToString()) => Shortage = shortage;

    /// <summary>How many there were, and what stood in the way of the others.</summary>
    public PortPickShortage Shortage { get; }
}

/// <summary>What stood in the way of a pick.</summary>
public sealed record PortPickShortage
{
    /// <summary>How many ports were asked for.</summary>
    public required int Wanted { get; init; }

    /// <summary>How many could be had.</summary>
    public required int Found { get; init; }

    /// <summary>The ports in question.</summary>
    public required PortRange Range { get; init; }

    /// <summary>How many were tried.</summary>
    public required int Tried { get; init; }

    /// <summary>Of these: taken by a socket in any state (EADDRINUSE).</summary>
    public int Taken { get; init; }

    /// <summary>Of these: leased to another pick, or somebody holds the lease's name, <c>@bindwise/lease/PORT</c>.</summary>
    public int Leased { get; init; }

    /// <summary>Of these: refused by a policy (EACCES, EPERM).</summary>
    public int Refused { get; init; }

    /// <summary>Not tried: this process may not bind them (net.ipv4.ip_unprivileged_port_start).</summary>
    public int Privileged { get; init; }

    /// <summary>Not tried: browsers do not connect to them.</summary>
    public int BlockedByBrowsers { get; init; }

    /// <summary>Not tried: they are in net.ipv4.ip_local_reserved_ports.</summary>
    public int Reserved { get; init; }

    /// <summary>Not tried: they are in the ephemeral range (net.ipv4.ip_local_port_range).</summary>
    public int Ephemeral { get; init; }

    /// <summary>One sentence without its full stop: how many there were, and what stood in the way.</summary>
    public override string ToString()
    {
        (int Count, string What)[] obstacles =
        [
            (Taken, "taken"),
            (Leased, "leased to other picks (@bindwise/lease/PORT)"),
            (Refused, "refused by a policy"),
            (Privileged, "privileged"),
            (BlockedByBrowsers, "blocked by browsers"),
            (Reserved, "in ip_local_reserved_ports"),
            (Ephemeral, "in the ephemeral range"),
        ];
        if (Range.First == Range.Last && Wanted == 1 && Found == 0)
            return $"port {Range} cannot be had"
                + string.Concat(obstacles.Where(static one => one.Count > 0).Select(static one => ": it is " + one.What));
        var reasons = string.Join(", ",
            obstacles.Where(static one => one.Count > 0).Select(static one => FormattableString.Invariant($"{one.Count} {one.What}")));
        var found = Found == 0 ? "no port can be had" : FormattableString.Invariant($"only {Found} of {Wanted} ports can be had");
        var size = Range.Last - Range.First + 1;
        var has = size < Wanted ? FormattableString.Invariant($", which has {size}") : "";
        return $"{found} in {Range}{has}{(reasons.Length == 0 ? "" : ": ")}{reasons}";
    }
}
