using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live;

/// <summary>setsockopt(2) as scenarios name its options.</summary>
internal static class LiveOptions
{
    /// <summary>Sets an option; the kernel judges every value that fits the option's type.</summary>
    internal static Errno Set(SafeFileDescriptor socket, SocketOption option, OptionValue value) => option switch
    {
        SocketOption.ReuseAddress => SetFlag(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReuseAddress, value),
        SocketOption.ReusePort => SetFlag(socket, SocketOptionCall.LevelSocket, SocketOptionCall.ReusePort, value),
        SocketOption.V6Only => SetFlag(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.V6Only, value),
        SocketOption.BindToDevice => SetDevice(socket, value.Text ?? (value.Number == 0 ? "" : value.Number.ToString(CultureInfo.InvariantCulture))),
        SocketOption.Freebind => SetFlag(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.Freebind, value),
        SocketOption.FreebindIPv6 => SetFlag(socket, SocketOptionCall.LevelIPv6, SocketOptionCall.FreebindIPv6, value),
        SocketOption.Transparent => SetFlag(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.Transparent, value),
        SocketOption.BindAddressNoPort => SetFlag(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.BindAddressNoPort, value),
        SocketOption.LocalPortRange => SetRange(socket, value),
        SocketOption.Linger => SetLinger(socket, value.Number),
        _ => Errno.ENOPROTOOPT,
    };

    /// <summary>SO_BINDTODEVICE; an empty name unbinds. The kernel cuts a name that is too long.</summary>
    internal static Errno SetDevice(SafeFileDescriptor socket, string device) =>
        SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.BindToDevice, Encoding.UTF8.GetBytes(device));

    /// <summary>SO_LINGER; negative seconds switch it off.</summary>
    internal static Errno SetLinger(SafeFileDescriptor socket, long seconds)
    {
        var value = new LingerValue { OnOff = seconds < 0 ? 0 : 1, Seconds = (int)Math.Clamp(seconds, 0, int.MaxValue) };
        return SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, SocketOptionCall.Linger, MemoryMarshal.AsBytes(new ReadOnlySpan<LingerValue>(in value)));
    }

    /// <summary>A number beyond the kernel's int stays on the side of zero that it is on.</summary>
    private static Errno SetFlag(SafeFileDescriptor socket, int level, int name, OptionValue value) =>
        SocketOptionCall.Set(socket, level, name, (int)Math.Clamp(value.Number, int.MinValue, int.MaxValue));

    private static Errno SetRange(SafeFileDescriptor socket, OptionValue value)
    {
        var word = value.Text is null ? value.Number : ParseRange(value.Text);
        return word is < 0 or > uint.MaxValue
            ? Errno.EINVAL
            : SocketOptionCall.Set(socket, SocketOptionCall.LevelIPv4, SocketOptionCall.LocalPortRange, unchecked((int)(uint)word));
    }

    /// <summary>The kernel's word for <c>first-last</c>; -1 for anything else.</summary>
    private static long ParseRange(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && ushort.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && ushort.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? ((long)last << 16) | first
            : -1;
    }
}
