namespace Bindwise.Planning.Formats.Proxies;

/// <summary>
/// A block of Lua code in nginx's configuration (OpenResty's <c>content_by_lua_block</c> and its like): quotes, comments and braces in it
/// are Lua's (ngx_http_lua_lex.rxx, lua-nginx-module; Lua 5.1 manual, 2.1).
/// </summary>
internal static class LuaBlock
{
    public static bool IsOpenedBy(string directive) => directive.EndsWith("_by_lua_block", StringComparison.Ordinal);

    /// <summary>Where the block's closing brace is; the text's length where there is none.</summary>
    public static int End(string text, int start)
    {
        var depth = 1;
        var at = start;
        // A quote that its line does not close is none, nor is any other of its kind up to here: no line is looked through again and again.
        var (singleUntil, doubleUntil) = (0, 0);
        while (at < text.Length)
        {
            switch (text[at])
            {
                case '{':
                    depth++;
                    break;
                case '}':
                    if (--depth == 0)
                        return at;
                    break;
                case '\'' when at >= singleUntil:
                    at = EndOfString(text, at, ref singleUntil);
                    break;
                case '"' when at >= doubleUntil:
                    at = EndOfString(text, at, ref doubleUntil);
                    break;
                case '[':
                    at = EndOfLongBracket(text, at) ?? at;
                    break;
                case '-' when at + 1 < text.Length && text[at + 1] == '-':
                    at = EndOfComment(text, at + 2);
                    break;
            }
            at++;
        }
        return text.Length;
    }

    // The closing quote; the opening one where there is none.
    private static int EndOfString(string text, int start, ref int unclosedUntil)
    {
        var at = start + 1;
        for (; at < text.Length && text[at] != '\n'; at++)
        {
            if (text[at] == text[start])
                return at;
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] != '\n')
                at++;
        }
        unclosedUntil = at;
        return start;
    }

    private static int EndOfComment(string text, int at)
    {
        if (at < text.Length && EndOfLongBracket(text, at) is { } end)
            return end;
        var line = text.IndexOf('\n', at);
        return line < 0 ? text.Length : line;
    }

    // The last letter of [[ … ]] or [==[ … ]==], the text's length where it is not closed; null for no such bracket.
    private static int? EndOfLongBracket(string text, int at)
    {
        var level = at + 1;
        while (level < text.Length && text[level] == '=')
            level++;
        if (text[at] != '[' || level >= text.Length || text[level] != '[')
            return null;
        var closing = $"]{text[(at + 1)..level]}]";
        var end = text.IndexOf(closing, level, StringComparison.Ordinal);
        return end < 0 ? text.Length : end + closing.Length - 1;
    }
}
