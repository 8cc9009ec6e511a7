namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>
/// The ports that are a protocol's own: its clients go there without being told, so a server on another port is one that nobody finds. By
/// the registry of IANA (RFC 6335); a database's or a framework's port is not among them, because its clients name a port in their
/// settings.
/// </summary>
internal static class ProtocolPorts
{
    private static readonly Dictionary<ushort, string> Names = new()
    {
        [20] = "FTP",
        [21] = "FTP",
        [22] = "SSH",
        [23] = "Telnet",
        [25] = "SMTP",
        [43] = "WHOIS",
        [49] = "TACACS+",
        [53] = "DNS",
        [67] = "DHCP",
        [68] = "DHCP",
        [69] = "TFTP",
        [80] = "HTTP",
        [88] = "Kerberos",
        [110] = "POP3",
        [111] = "rpcbind",
        [113] = "ident",
        [123] = "NTP",
        [135] = "MS-RPC",
        [137] = "NetBIOS",
        [138] = "NetBIOS",
        [139] = "NetBIOS",
        [143] = "IMAP",
        [161] = "SNMP",
        [162] = "SNMP traps",
        [179] = "BGP",
        [319] = "PTP",
        [320] = "PTP",
        [389] = "LDAP",
        [427] = "SLP",
        [443] = "HTTPS",
        [445] = "SMB",
        [464] = "Kerberos",
        [465] = "SMTP",
        [500] = "IKE",
        [514] = "syslog",
        [515] = "LPD",
        [520] = "RIP",
        [546] = "DHCPv6",
        [547] = "DHCPv6",
        [548] = "AFP",
        [554] = "RTSP",
        [587] = "SMTP",
        [631] = "IPP",
        [636] = "LDAP",
        [646] = "LDP",
        [853] = "DNS over TLS",
        [873] = "rsync",
        [989] = "FTP",
        [990] = "FTP",
        [993] = "IMAP",
        [995] = "POP3",
        [1701] = "L2TP",
        [1812] = "RADIUS",
        [1813] = "RADIUS",
        [1900] = "SSDP",
        [2049] = "NFS",
        [4500] = "IKE",
        [4789] = "VXLAN",
        [5353] = "mDNS",
        [5355] = "LLMNR",
        [6081] = "Geneve",
    };

    /// <summary>The protocol whose own port it is; null for a port of no protocol.</summary>
    public static string? NameOf(ushort port) => Names.GetValueOrDefault(port);

    /// <summary>Its servers take what is sent to a multicast group, each of them on this port.</summary>
    public static bool IsMulticast(ushort port) => port is 319 or 320 or 427 or 520 or 546 or 547 or 1900 or 5353 or 5355;

    /// <summary>It is a web server's: one of them can pass requests on to others by the name of the host.</summary>
    public static bool IsWeb(ushort port) => port is 80 or 443;
}
