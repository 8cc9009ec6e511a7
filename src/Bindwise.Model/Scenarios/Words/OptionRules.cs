using System.Globalization;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>Which values an option takes, alike in both forms.</summary>
internal static class OptionRules
{
    /// <summary>The option is on or off.</summary>
    public static bool IsFlag(SocketOption option) => option is not (SocketOption.BindToDevice or SocketOption.LocalPortRange or SocketOption.Linger);

    /// <summary>What the option takes, as the end of a message.</summary>
    public static string Takes(SocketOption option) => option switch
    {
        SocketOption.BindToDevice => "give an interface's name in quotes, as \"lo\", or \"\" to unbind",
        SocketOption.LocalPortRange => "give two ports in quotes, as \"40000-40010\", or the kernel's 32-bit word",
        SocketOption.Linger => "give seconds, as 0, or -1 to switch it off",
        _ => "give 1 for on or 0 for off",
    };

    /// <summary>Null, or what is wrong with the value.</summary>
    public static string? Fault(SocketOption option, OptionValue value)
    {
        var good = option switch
        {
            SocketOption.BindToDevice => value.Text is not null,
            SocketOption.LocalPortRange => value.Text is { } text ? TryPortRange(text, out _, out _) : value.Number is >= 0 and <= uint.MaxValue,
            _ => value.Text is null && value.Number is >= int.MinValue and <= int.MaxValue,
        };
        if (!good)
            return $"{SocketOptionNames.Of(option)} does not take {Shown(value)}; {Takes(option)}";
        return option == SocketOption.BindToDevice && value.Text is { Length: > 0 } device ? NameRules.OfDevice(device) : null;
    }

    /// <summary>Reads <c>40000-40010</c>.</summary>
    public static bool TryPortRange(string text, out ushort first, out ushort last)
    {
        var (dash, none) = (text.IndexOf('-', StringComparison.Ordinal), NumberStyles.None);
        (first, last) = (0, 0);
        return dash > 0
            && ushort.TryParse(text.AsSpan(0, dash), none, CultureInfo.InvariantCulture, out first)
            && ushort.TryParse(text.AsSpan(dash + 1), none, CultureInfo.InvariantCulture, out last);
    }

    private static string Shown(OptionValue value) => value.Text is { } text ? Targets.Grammar.Fault.Quote(text) : value.Number.ToString(CultureInfo.InvariantCulture);
}
