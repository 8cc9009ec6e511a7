using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Diagnosing;

/// <summary>The remedies that bind something else, on every system: what they change and risk is always the same.</summary>
internal static class BindElsewhere
{
    /// <summary>Another port; where the port is a protocol's own, what helps instead.</summary>
    /// <param name="nearby">One nearby that is free; null when none is known.</param>
    /// <param name="leavesAddresses">What holds the port leaves other addresses of this host free.</param>
    public static Remedy OtherPort(ushort port, ushort? nearby, bool leavesAddresses)
    {
        if (ProtocolPorts.NameOf(port) is not { } protocol)
            return Remedy.Of("other-port", nearby is { } free ? $"Take another port; {Wording.Number(free)} is free."
                : "Take another port.", null, "where clients have to connect", "clients have to be told");
        var clients = $"Clients look for {protocol} on port {Wording.Number(port)} and nowhere else";
        return ProtocolPorts.IsWeb(port)
                ? Remedy.Of("share-by-proxy", $"{clients}: have the server that holds it pass requests on to yours (a reverse proxy).",
                    null, "the other server's settings", "yours depends on the other one")
            : leavesAddresses
                ? Remedy.Of("other-address", $"{clients}: bind another address of this host, which is free.", null,
                    "where the program listens", "clients have to ask that address")
            : Remedy.Of("own-address",
                $"{clients}: if both servers are needed, give yours an address of its own (a container or a network namespace).", null,
                "where the program runs", "clients have to ask that address");
    }

    public static Remedy OtherPath(string text) => Remedy.Of("other-path", text, null, "where clients connect", "clients have to be told");

    /// <summary>The IPv4 address where IPv6 is switched off.</summary>
    public static Remedy IPv4Instead(ShellCommand? command) =>
        Remedy.Of("use-ipv4", "Bind the IPv4 address instead.", command, "where the program listens", "IPv6 clients cannot reach it");

    /// <summary>The wildcard in place of an address that the host does not have.</summary>
    public static Remedy Wildcard(ShellCommand addresses) => Wildcard("Bind the wildcard, or an address this host has.", addresses);

    public static Remedy Wildcard(string text, ShellCommand? command) =>
        Remedy.Of("use-wildcard", text, command, "where the program listens", "the wildcard is reachable on every interface");

    /// <summary>A link-local address with its interface.</summary>
    public static Remedy WithScope(string text, ShellCommand? command) =>
        Remedy.Of("add-scope", text, command, "which interface the program listens on", "none");
}
