using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Listing;
using Bindwise.Model.Text;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Listing;

/// <summary>The texts of a listed port for people: escaped, bounded.</summary>
/// <param name="device">The name of an interface by its index, null for 0.</param>
internal sealed class PortCells(Func<uint, string?> device, DateTimeOffset takenAt)
{
    private const int NameLimit = 60;
    private const int PathLimit = 120;
    private const int AddressesShown = 4;

    // Most of a thousand sockets have one of a few addresses, and many servers start in one minute.
    private readonly Dictionary<(IpAddress Address, uint Device, Fact V6Only), string> _addresses = [];
    private (long Minute, string Text) _since = (-1, "");

    public PortCells(PortListing listing) : this(new DeviceNames(listing.Interfaces).Of, listing.TakenAt)
    {
    }

    /// <summary><c>8080/tcp</c>, or the UNIX path.</summary>
    public static string Target(ListedPort port) => Escaper.Escape(PortColumns.Target(port), PathLimit);

    /// <summary>
    /// <c>127.0.0.1,[::1]</c>, without blanks so that the columns can be parted; empty where only connections use the port.
    /// </summary>
    public string Addresses(ListedPort port)
    {
        if (port is { Protocol: not Protocol.Unix, Sockets: [var only] })
        {
            var key = (only.Local.Address, only.DeviceIndex, only.V6Only);
            if (!_addresses.TryGetValue(key, out var known))
                _addresses.Add(key, known = Escaper.Escape(PortColumns.AddressOf(only, device), PathLimit));
            return known;
        }
        var all = PortColumns.Addresses(port, device).ToList();
        return Escaper.Escape(string.Join(',', all.Take(AddressesShown)), PathLimit)
            + (all.Count > AddressesShown ? Invariant($",+{all.Count - AddressesShown}") : "");
    }

    public static string Owner(ListedPort port) => Escaper.Escape(port.Name, NameLimit);

    /// <summary><c>4121</c>, or <c>4121+4</c> with four more processes.</summary>
    public static string Pid(ListedPort port) => port.Owners is not [var owner, ..] ? ""
        : port.OwnerCount > 1 ? Invariant($"{owner.Process.Id}+{port.OwnerCount - 1}")
        : owner.Process.Id.ToString(CultureInfo.InvariantCulture);

    public static string User(ListedPort port) =>
        port.UserName is { Length: > 0 } name ? Escaper.Escape(name, NameLimit) : port.UserId?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary>
    /// The container, the service's unit, or the project's folder: what a person knows the server by. A session's scope says nothing.
    /// </summary>
    public static string From(ListedPort port)
    {
        if (port.Container is { } container)
            return "container " + Escaper.Escape(container, NameLimit);
        var isService = port.Unit is { } unit
            && (unit.EndsWith(".service", StringComparison.Ordinal) || unit.EndsWith(".socket", StringComparison.Ordinal));
        return Escaper.Escape((isService ? port.Unit : null) ?? port.ProjectFolder, PathLimit);
    }

    /// <summary>As ps(1) shows a start: <c>14:02</c> of the same day, <c>Nov18</c> of the same year, <c>2025</c>.</summary>
    public string Since(ListedPort port)
    {
        if (port.Since is not { } moment)
            return "";
        var (then, now) = (moment.ToUniversalTime().Ticks + takenAt.Offset.Ticks, takenAt.UtcTicks + takenAt.Offset.Ticks);
        var (local, today) = (new DateTime(Math.Clamp(then, 0, DateTime.MaxValue.Ticks)),
            new DateTime(Math.Clamp(now, 0, DateTime.MaxValue.Ticks)));
        var minute = local.Ticks / TimeSpan.TicksPerMinute;
        if (_since.Minute != minute)
            _since = (minute, local.ToString(local.Date == today.Date ? "HH:mm" : local.Year == today.Year ? "MMMdd" : "yyyy",
                CultureInfo.InvariantCulture));
        return _since.Text;
    }

    public static string Connections(ListedPort port) => port.Connections?.ToString(CultureInfo.InvariantCulture) ?? "";

    /// <summary><c>0/511</c>: waiting for accept(), and how many may; empty where nothing listens.</summary>
    public static string Queue(ListedPort port) =>
        port.Backlog is { } backlog ? string.Create(CultureInfo.InvariantCulture, $"{port.Queue}/{backlog}") : "";

    /// <summary>
    /// What is unusual: the state of a socket that does not listen, connections by state, of how many ports. Empty for nothing.
    /// </summary>
    public static string States(ListedPort port)
    {
        var isBoundOnly = port.Sockets is [{ State: TcpSocketState.Bound }, ..];
        var keptFor = Keepers.NamedFor(port.Owners);
        if (!isBoundOnly && keptFor is null && port.PortCount <= 1 && port.States.IsEmpty)
            return "";
        return States(port, isBoundOnly, keptFor);
    }

    private static string States(ListedPort port, bool isBoundOnly, string? keptFor)
    {
        var parts = new List<string>();
        if (isBoundOnly)
            parts.Add("bound only");
        if (keptFor is not null)
            parts.Add("keeps it for " + Escaper.Escape(keptFor, NameLimit));
        if (port.PortCount > 1)
            parts.Add(Invariant($"{port.PortCount} ports"));
        parts.AddRange(port.States.Select(one => Invariant($"{TcpStateNames.Of(one.State, port.Protocol)} {one.Count}")));
        return string.Join(", ", parts);
    }

    public static string Warnings(ListedPort port) => port.Warnings.IsEmpty ? ""
        : Escaper.EscapeSentence(string.Join("; ", port.Warnings.Select(static warning => warning.Text)));

    /// <summary>The text in so many columns: whole, or cut with <c>…</c>. A path keeps its end, which tells more.</summary>
    public static string Fit(string text, int cells)
    {
        if (CellWidth.Of(text) <= cells)
            return text;
        if (!text.StartsWith('/'))
            return text[..CellWidth.FittingChars(text, cells - 1)] + "…";
        var from = 1;
        while (from < text.Length && (char.IsLowSurrogate(text[from]) || CellWidth.Of(text.AsSpan(from)) > cells - 1))
            from++;
        return "…" + text[from..];
    }
}
