using Bindwise.Model.Targets.Errors;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Targets;

/// <summary>Reads what the user typed or pasted: a target, or an error text that names one. Pure: no name is looked up.</summary>
/// <remarks>
/// The grammar of a typed target (one word, letters in any case):
/// <code>
/// target   = url | path | endpoint
/// endpoint = place [ "/" ( "tcp" | "udp" ) ]          8080  http  53/udp  127.0.0.1:8080/tcp
/// place    = port | [ host ] ":" port                 8080  :8080  *:8080  localhost:http
///          | ":::" port                               :::3000, as Node.js prints [::]:3000
/// host     = "*" | "+" | ipv4 | "[" ipv6 [ "%" scope ] "]" | name
/// ipv4     = as inet_aton(3) reads it                 127.0.0.1  127.0.01  127.1  0x7f.1
/// ipv6     = as RFC 4291 §2.2 has it                  [::1]  [fe80::1%eth0]
/// name     = as RFC 1123 §2.1 has it, and "_"         localhost  db_1.example.com
/// port     = 0 to 65535 | service                     8080  0  http
/// service  = letters, digits and -_+, no dot          http  x11-1
/// url      = scheme "://" [ userinfo "@" ] [ host ] [ ":" port ] [ ( "/" | "?" | "#" ) … ]
/// path     = ( "/" | "./" | "../" ) … | "unix:" [ "//" ] … | "http://unix:" … | "@" abstract-name
/// </code>
/// Everything with blanks in it, or on several lines, is taken for a pasted error text
/// (<see cref="ErrorTextReader"/>), which may name several.
/// </remarks>
internal static class TargetParser
{
    private const int MaxTargetChars = 4096;

    /// <summary>Reads one target or one pasted error text. Never throws, whatever the text.</summary>
    /// <param name="text">An argument of the command line, or all of standard input.</param>
    /// <returns>The target, or one line that says what is wrong and what would be right.</returns>
    public static ParseResult<Target> Parse(string text) => ParseAll(text).Select(static targets => targets.First);

    /// <summary>Reads one target, or every address that a pasted error text names. Never throws, whatever the text.</summary>
    /// <param name="text">An argument of the command line, or all of standard input.</param>
    /// <returns>The targets in the order of the text, or one line that says what is wrong and what would be right.</returns>
    public static ParseResult<TargetList> ParseAll(string text)
    {
        var start = 0;
        while (start < text.Length && IsBlank(text[start]))
            start++;
        var end = text.Length;
        while (end > start && IsBlank(text[end - 1]))
            end--;
        if (start == end)
            return Fault.Whole<TargetList>("the target is empty; give a port, an address with a port, or a path, as in: bindwise why 8080");
        if (IsQuoted(text, start, end))
        {
            start++;
            end--;
        }
        var word = text[start..end];
        if (!word.Any(IsBlank))
            return ParseWord(word, start);

        var read = ErrorTextReader.ReadAll(word);
        // A path may hold blanks; of an error text that starts with a path the path has ended, or a colon and a blank come somewhere.
        var isPath = !read.IsSuccess && PathGrammar.Starts(word) && !PathGrammar.IsNamedAsSocket(word.Split(' ', 2)[0])
            && !word.Contains(": ", StringComparison.Ordinal) && !word.Contains('\n', StringComparison.Ordinal)
            && !ErrnoWords.Mentions(word);
        return isPath ? PathGrammar.Parse(word, start).Select(TargetList.Of) : read;
    }

    private static ParseResult<TargetList> ParseWord(string word, int start)
    {
        var typed = word.Length > MaxTargetChars
            ? Fault.Whole<Target>("the target is longer than any target can be; give a port, as in: bindwise why 8080")
            // A URL without its scheme; a path may begin with two slashes as well.
            : word.StartsWith("//", StringComparison.Ordinal)
                && EndpointGrammar.Parse(word[2..], start + 2) is { Value.Service: null } place ? place
            : PathGrammar.Starts(word) ? PathGrammar.Parse(word, start)
            : word.Contains("://", StringComparison.Ordinal) ? UrlGrammar.Parse(word, start)
            : EndpointGrammar.Parse(word, start);
        // Old versions of Node.js print EADDRINUSE:::3000, one word; JSON and Chinese need no blanks; an errno alone is no service.
        var isError = ErrnoWords.Mentions(word);
        if (isError ? typed.Value is { Service: null } or { Host: not null } : typed.IsSuccess || Ascii.IsValid(word))
            return typed.Select(TargetList.Of);
        var read = ErrorTextReader.ReadAll(word);
        return isError || read.IsSuccess ? read : typed.Select(TargetList.Of);
    }

    private static bool IsQuoted(string text, int start, int end) =>
        end - start > 2 && text[end - 1] == Closing(text[start]) && text.IndexOfAny([text[start], ' '], start + 1, end - start - 2) < 0;

    /// <summary>What ends a target that was copied together with what stands around it; NUL for none.</summary>
    private static char Closing(char opening) => opening switch
    {
        '"' or '\'' or '`' => opening,
        '(' => ')',
        '<' => '>',
        _ => '\0',
    };

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c is '\0' or '\ufeff';
}
