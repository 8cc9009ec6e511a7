using System.Runtime.CompilerServices;

namespace Bindwise.Model.Diagnosing.Commands;

/// <summary>
/// A line for a shell, written as an interpolated string: its own text is ours, and what stands in the holes can only be a number, an
/// address, a word that a <see cref="NameGrammar"/> let pass, or another such line. A text cannot get in: the compiler refuses it.
/// </summary>
[InterpolatedStringHandler]
internal sealed class ShellCommand
{
    private readonly StringBuilder _text;

    public ShellCommand(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (16 * formattedCount));

    private ShellCommand(string text) => _text = new StringBuilder(text);

    /// <summary>Nothing: as the prefix of a command that needs none.</summary>
    public static ShellCommand Empty { get; } = new("");

    public bool IsEmpty => _text.Length == 0;

    /// <summary>The line itself, where the compiler has to be told that it is one.</summary>
    public static ShellCommand Of(ShellCommand command) => command;

    /// <summary>Several lines or parts with something between.</summary>
    public static ShellCommand Join(string separator, IEnumerable<ShellCommand> parts) => new(string.Join(separator, parts));

    /// <summary>The command of a remedy, which was such a line before.</summary>
    public static ShellCommand? OfRemedy(Remedy remedy) => remedy is { Command: { } command, Language: null } ? new(command) : null;

    /// <summary>The part after a prefix; null where the line does not begin with it.</summary>
    public ShellCommand? After(string prefix) =>
        ToString() is var text && text.StartsWith(prefix, StringComparison.Ordinal) ? new(text[prefix.Length..]) : null;

    /// <summary>The line with a part of ours replaced.</summary>
    public ShellCommand With(string part, ShellWord word) => new(ToString().Replace(part, word.Text, StringComparison.Ordinal));

    public void AppendLiteral(string text) => _text.Append(text);

    public void AppendFormatted(long number) => _text.Append(number.ToString(CultureInfo.InvariantCulture));

    public void AppendFormatted(IpAddress address) => _text.Append(address.ToString());

    public void AppendFormatted(IpEndpoint endpoint) => _text.Append(endpoint.ToString());

    public void AppendFormatted(ShellWord word) => _text.Append(word.Text);

    public void AppendFormatted(ShellCommand part) => _text.Append(part._text);

    public override string ToString() => _text.ToString();
}

/// <summary>One or more arguments as a shell reads them back: made by a <see cref="NameGrammar"/> only.</summary>
internal readonly record struct ShellWord
{
    internal ShellWord(string text) => Text = text;

    public string Text { get; }
}
