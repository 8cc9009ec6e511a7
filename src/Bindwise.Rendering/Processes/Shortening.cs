namespace Bindwise.Rendering.Processes;

/// <summary>Long texts cut with <c>…</c>, never through a pair of surrogates.</summary>
internal static class Shortening
{
    /// <summary>The text, or its beginning and an ellipsis.</summary>
    public static string End(string text, int limit) => text.Length <= limit ? text : text[..EndBefore(text, limit - 1)] + "…";

    /// <summary>The text, or two thirds of the limit from its beginning and a third from its end.</summary>
    public static string Middle(string text, int limit)
    {
        if (text.Length <= limit)
            return text;
        var tail = text.Length - (limit / 3);
        if (char.IsLowSurrogate(text[tail]))
            tail++;
        return text[..EndBefore(text, limit - (limit / 3) - 1)] + "…" + text[tail..];
    }

    private static int EndBefore(string text, int length) => length > 0 && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;
}
