namespace Bindwise.Model.Scenarios.Text;

/// <summary>How names stand in a .bind file: bare where nothing else can be meant, else in quotes.</summary>
internal static class BindNames
{
    /// <summary>Letters, digits, <c>_</c>, <c>-</c> and <c>.</c>, a letter or <c>_</c> first.</summary>
    public static bool IsBare(string name) => name.Length > 0 && (char.IsLetter(name[0]) || name[0] == '_') && name.All(IsPlain);

    /// <summary>The name, in quotes if it needs them.</summary>
    public static string Of(string name) => IsBare(name) ? name : Quote(name);

    /// <summary>A text that is no name, in quotes if it needs them.</summary>
    public static string Text(string text) => BindLine.IsWord(text) ? text : Quote(text);

    /// <summary>A text that may be several words, in quotes if it needs them.</summary>
    public static string Words(string text) => Array.TrueForAll(text.Split(' '), static word => word.Length > 0 && word.All(static c => IsPlain(c) || c == ',')) ? text : Quote(text);

    /// <summary>The text in quotes.</summary>
    public static string Quote(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static bool IsPlain(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.';
}
