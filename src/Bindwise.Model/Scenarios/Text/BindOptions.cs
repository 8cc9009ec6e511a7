using System.Globalization;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>How options stand in a .bind file: a word for the usual ones, else <c>NAME=VALUE</c>.</summary>
internal static class BindOptions
{
    private static readonly (string Word, SocketOption Option, long Value)[] Table =
    [
        ("reuseaddr", SocketOption.ReuseAddress, 1),
        ("reuseport", SocketOption.ReusePort, 1),
        ("v6only", SocketOption.V6Only, 1),
        ("dual", SocketOption.V6Only, 0),
        ("freebind", SocketOption.Freebind, 1),
        ("noport", SocketOption.BindAddressNoPort, 1),
        ("transparent", SocketOption.Transparent, 1),
    ];

    /// <summary>The words and names of all options.</summary>
    public static readonly IReadOnlyCollection<string> Known = [.. Table.Select(static row => row.Word), .. SocketOptionNames.All];

    /// <summary>The next token starts an option.</summary>
    public static bool IsNext(BindCursor cursor) =>
        cursor.Current.Kind == BindTokenKind.Word && (cursor.Following.Kind == BindTokenKind.Equals || Known.Contains(cursor.Current.Text));

    /// <summary>Reads an option, which <see cref="IsNext"/> found.</summary>
    public static SetStep Read(BindCursor cursor, string socket)
    {
        var token = cursor.Take();
        if (cursor.Skip(BindTokenKind.Equals))
            return ReadValue(cursor, socket, token);
        var row = Array.Find(Table, row => row.Word == token.Text);
        if (row.Word is null)
            cursor.Refuse(token, $"{token.Text} has no value", cursor.Corrected(token, token.Text + "=1"));
        return new SetStep(socket, row.Option, new OptionValue(row.Value));
    }

    /// <summary>The option as it is written.</summary>
    public static string Of(SetStep set)
    {
        var row = Array.Find(Table, row => row.Option == set.Option && set.Value == new OptionValue(row.Value));
        var value = set.Value.Text is { } text ? BindNames.Text(text) : set.Value.Number.ToString(CultureInfo.InvariantCulture);
        return row.Word ?? SocketOptionNames.Of(set.Option) + "=" + value;
    }

    private static SetStep ReadValue(BindCursor cursor, string socket, BindToken name)
    {
        var row = Array.Find(Table, row => row.Word == name.Text && row.Word != "dual");
        var option = row.Option;
        if (row.Word is null && !SocketOptionNames.TryParse(name.Text, out option))
            cursor.Unknown(name, "an option", [.. SocketOptionNames.All], "set a SO_REUSEADDR=1");
        var token = cursor.Text("the option's value", "set a SO_REUSEADDR=1");
        var value = option switch
        {
            SocketOption.BindToDevice => new OptionValue(0, token.Text),
            SocketOption.LocalPortRange when !token.Text.All(char.IsAsciiDigit) => new OptionValue(0, token.Text),
            _ when token.Kind == BindTokenKind.Word && long.TryParse(token.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => new OptionValue(number),
            _ => new OptionValue(0, token.Text),
        };
        cursor.Check(token, OptionRules.Fault(option, value));
        return new SetStep(socket, option, value);
    }
}
