namespace Bindwise.Model.Scenarios;

/// <summary>The options that scenarios can set, as socket(7), ip(7), ipv6(7) and tcp(7) name them.</summary>
public enum SocketOption : byte
{
    /// <summary>SO_REUSEADDR.</summary>
    ReuseAddress,

    /// <summary>SO_REUSEPORT.</summary>
    ReusePort,

    /// <summary>IPV6_V6ONLY.</summary>
    V6Only,

    /// <summary>SO_BINDTODEVICE; the value is an interface's name, empty to unbind.</summary>
    BindToDevice,

    /// <summary>IP_FREEBIND.</summary>
    Freebind,

    /// <summary>IPV6_FREEBIND.</summary>
    FreebindIPv6,

    /// <summary>IP_TRANSPARENT.</summary>
    Transparent,

    /// <summary>IP_BIND_ADDRESS_NO_PORT.</summary>
    BindAddressNoPort,

    /// <summary>IP_LOCAL_PORT_RANGE; the value is the kernel's word (last port shifted by 16, or'ed with the first), or the text <c>first-last</c>.</summary>
    LocalPortRange,

    /// <summary>SO_LINGER; the value is the seconds, negative to switch it off.</summary>
    Linger,
}

/// <summary>The options' names, in one place.</summary>
public static class SocketOptionNames
{
    private static readonly (SocketOption Option, string Name)[] Table =
    [
        (SocketOption.ReuseAddress, "SO_REUSEADDR"),
        (SocketOption.ReusePort, "SO_REUSEPORT"),
        (SocketOption.V6Only, "IPV6_V6ONLY"),
        (SocketOption.BindToDevice, "SO_BINDTODEVICE"),
        (SocketOption.Freebind, "IP_FREEBIND"),
        (SocketOption.FreebindIPv6, "IPV6_FREEBIND"),
        (SocketOption.Transparent, "IP_TRANSPARENT"),
        (SocketOption.BindAddressNoPort, "IP_BIND_ADDRESS_NO_PORT"),
        (SocketOption.LocalPortRange, "IP_LOCAL_PORT_RANGE"),
        (SocketOption.Linger, "SO_LINGER"),
    ];

    /// <summary>All names, in a fixed order.</summary>
    public static IEnumerable<string> All => Table.Select(static row => row.Name);

    /// <summary>The name of an option.</summary>
    public static string Of(SocketOption option) => Array.Find(Table, row => row.Option == option).Name;

    /// <summary>The option of a name; false when scenarios do not know it.</summary>
    public static bool TryParse(string name, out SocketOption option)
    {
        var row = Array.Find(Table, r => r.Name == name);
        option = row.Option;
        return row.Name is not null;
    }
}

/// <summary>An option's value: a number, or a text where the option takes one.</summary>
/// <param name="Number">The number; 0 where the value is a text.</param>
/// <param name="Text">The text; null where the value is a number.</param>
public readonly record struct OptionValue(long Number, string? Text = null)
{
    /// <summary>A flag's value.</summary>
    public static OptionValue Flag(bool on) => new(on ? 1 : 0);
}
