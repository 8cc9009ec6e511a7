namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>
/// The ports that are a protocol's own: its clients go there without being told, so a server on another port is one that nobody finds. By
/// the registry of IANA (RFC 6335); a database's or a framework's port is not among them, because its clients name a port in their
/// settings.
/// </summary>
internal static class ProtocolPorts
{
    private static readonly Dictionary<ushort, (string Name, Protocol? Only)> Names = new()
    {
        [20] = ("FTP", Protocol.Tcp),
        [21] = ("FTP", Protocol.Tcp),
        [22] = ("SSH", Protocol.Tcp),
        [23] = ("Telnet", Protocol.Tcp),
        [25] = ("SMTP", Protocol.Tcp),
        [43] = ("WHOIS", Protocol.Tcp),
        [49] = ("TACACS+", Protocol.Tcp),
        [53] = ("DNS", null),
        [67] = ("DHCP", Protocol.Udp),
        [68] = ("DHCP", Protocol.Udp),
        [69] = ("TFTP", Protocol.Udp),
        [80] = ("HTTP", Protocol.Tcp),
        [88] = ("Kerberos", null),
        [110] = ("POP3", Protocol.Tcp),
        [111] = ("rpcbind", null),
        [113] = ("ident", Protocol.Tcp),
        [123] = ("NTP", Protocol.Udp),
        [135] = ("MS-RPC", null),
        [137] = ("NetBIOS", Protocol.Udp),
        [138] = ("NetBIOS", Protocol.Udp),
        [139] = ("NetBIOS", Protocol.Tcp),
        [143] = ("IMAP", Protocol.Tcp),
        [161] = ("SNMP", Protocol.Udp),
        [162] = ("SNMP traps", Protocol.Udp),
        [179] = ("BGP", Protocol.Tcp),
        [319] = ("PTP", Protocol.Udp),
        [320] = ("PTP", Protocol.Udp),
        [389] = ("LDAP", null),
        [427] = ("SLP", null),
        [443] = ("HTTPS", null),
        [445] = ("SMB", Protocol.Tcp),
        [464] = ("Kerberos", null),
        [465] = ("SMTP", Protocol.Tcp),
        [500] = ("IKE", Protocol.Udp),
        [514] = ("syslog", null),
        [515] = ("LPD", Protocol.Tcp),
        [520] = ("RIP", Protocol.Udp),
        [546] = ("DHCPv6", Protocol.Udp),
        [547] = ("DHCPv6", Protocol.Udp),
        [548] = ("AFP", Protocol.Tcp),
        [554] = ("RTSP", null),
        [587] = ("SMTP", Protocol.Tcp),
        [631] = ("IPP", Protocol.Tcp),
        [636] = ("LDAP", Protocol.Tcp),
        [646] = ("LDP", null),
        [853] = ("DNS over TLS", null),
        [873] = ("rsync", Protocol.Tcp),
        [989] = ("FTP", Protocol.Tcp),
        [990] = ("FTP", Protocol.Tcp),
        [993] = ("IMAP", Protocol.Tcp),
        [995] = ("POP3", Protocol.Tcp),
        [1701] = ("L2TP", Protocol.Udp),
        [1812] = ("RADIUS", Protocol.Udp),
        [1813] = ("RADIUS", Protocol.Udp),
        [1900] = ("SSDP", Protocol.Udp),
        [2049] = ("NFS", null),
        [4500] = ("IKE", Protocol.Udp),
        [4789] = ("VXLAN", Protocol.Udp),
        [5353] = ("mDNS", Protocol.Udp),
        [5355] = ("LLMNR", null),
        [6081] = ("Geneve", Protocol.Udp),
    };

    /// <summary>The protocol whose own port it is, over TCP or UDP; null for a port of no protocol.</summary>
    public static string? NameOf(ushort port) => Names.TryGetValue(port, out var known) ? known.Name : null;

    /// <summary>The same of one transport: Geneve goes over UDP alone, and its number is any program's over TCP.</summary>
    public static string? NameOf(ushort port, Protocol transport) =>
        Names.TryGetValue(port, out var known) && (known.Only ?? transport) == transport ? known.Name : null;

    /// <summary>Its servers take what is sent to a multicast group, each of them on this port.</summary>
    public static bool IsMulticast(ushort port) => port is 319 or 320 or 427 or 520 or 546 or 547 or 1900 or 5353 or 5355;

    /// <summary>It is a web server's: one of them can pass requests on to others by the name of the host.</summary>
    public static bool IsWeb(ushort port) => port is 80 or 443;
}
