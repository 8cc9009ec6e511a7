using Bindwise.Model.Diagnosing;
using Bindwise.Model.Runtimes;

namespace Bindwise.Rendering.Processes;

/// <summary>
/// A command line as a person would recall it: <c>/usr/bin/python3 -u /srv/app/server.py --port 80</c> is <c>python3 server.py --port
/// 80</c>.
/// </summary>
internal static class ShortCommand
{
    private const int Limit = 60;

    /// <summary>One argument may take half: what stands after it is often what tells.</summary>
    private const int ArgumentLimit = Limit / 2;

    private const ushort InspectorPort = 9229;

    /// <summary>The text, at most 60 characters; null when neither a command line nor a name is known.</summary>
    /// <param name="port">The port in question, whose option is kept: <c>node --inspect=9230 server.js</c>.</param>
    public static string? Of(ProcessRecord process, ushort? port = null)
    {
        var arguments = ShownCommandLine.WithoutEmptyTail(process.Arguments);
        if (arguments.Length == 0)
            return process.Name.Length == 0 ? null : process.Name;
        // A title that the process wrote over its arguments ("nginx: master process ...") is no list of them.
        if (arguments.Length == 1 && arguments[0].Contains(' ', StringComparison.Ordinal))
            return Shortening.End(arguments[0], Limit);
        var program = FileName(arguments[0]);
        return Join([program, .. WithoutRuntimeOptions(program, arguments, port)]);
    }

    // From the script, the jar, the module or the main class on; all of it for any other program, and where none of them is found.
    private static ImmutableArray<string> WithoutRuntimeOptions(string program, ImmutableArray<string> arguments, ushort? port)
    {
        // A login shell's name begins with a hyphen.
        if (RuntimeBook.OfProgram(program.AsSpan().TrimStart('-')) is not { } runtime
            || ScriptArgument.In(runtime, arguments) is not { } script)
            return arguments[1..];
        var kept = arguments[1..script.From].Where(word => word is ['-', ..] && OpensPort(word, port));
        return script is { At: { } at, IsVerbatim: false }
            ? [.. kept, .. arguments[script.From..at], Script(arguments[at]), .. arguments[(at + 1)..]]
            : [.. kept, .. arguments[script.From..]];
    }

    // -Dserver.port=8500, -agentlib:jdwp=transport=dt_socket,address=*:5005; Node.js's inspector has a port of its own without a number.
    private static bool OpensPort(string option, ushort? port)
    {
        if (port is not { } number)
            return false;
        var digits = number.ToString(CultureInfo.InvariantCulture);
        for (var at = 0; (at = option.IndexOf(digits, at + 1, StringComparison.Ordinal)) > 0;)
        {
            var end = at + digits.Length;
            if (!char.IsAsciiDigit(option[at - 1]) && (end == option.Length || !char.IsAsciiDigit(option[end])))
                return true;
        }
        return number == InspectorPort && option.StartsWith("--inspect", StringComparison.Ordinal);
    }

    // The folder has a place of its own in the row; a path as it was typed there is short.
    private static string Script(string path)
    {
        var typed = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        return typed.StartsWith('/') || typed.Length > ArgumentLimit ? FileName(typed) : typed;
    }

    private static string FileName(string path) =>
        path.LastIndexOf('/') is var slash and >= 0 && slash < path.Length - 1 ? path[(slash + 1)..] : path;

    // Whole arguments, as many as there is room for.
    private static string Join(ImmutableArray<string> words)
    {
        var text = "";
        foreach (var word in words)
        {
            // Code is known by its beginning, a path by its end as well.
            var quoted = ShellQuoting.Quote(word.Contains(' ', StringComparison.Ordinal) ? Shortening.End(word, ArgumentLimit)
                : Shortening.Middle(word, ArgumentLimit));
            if (text.Length > 0 && text.Length + 1 + quoted.Length > Limit - 2)
                return text + " …";
            text = text.Length == 0 ? quoted : text + " " + quoted;
        }
        return Shortening.End(text, Limit);
    }
}

/// <summary>Long texts cut with <c>…</c>, never through a pair of surrogates.</summary>
internal static class Shortening
{
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

/// <summary>A process's command line as one text that a shell would read back as the same arguments, cut to a sane length.</summary>
internal static class ShownCommandLine
{
    public const int LimitOfJson = 2048;

    /// <summary>One argument may take a quarter: a class path must not hide the class after it.</summary>
    private const int PartOfArgument = 4;

    /// <summary>
    /// The command line, or the short name of a process without one (kernel threads, zombies); null when neither is known. An argument
    /// longer than a quarter of the limit shows its two ends with <c>…</c> between, and a whole that is too long ends in one.
    /// </summary>
    public static string? Of(ProcessRecord process, int limit)
    {
        var arguments = WithoutEmptyTail(process.Arguments);
        if (arguments.Length == 0)
            return process.Name.Length == 0 ? null : process.Name;
        // A title that the process wrote over its arguments ("nginx: master process ...") is no list of them.
        var text = arguments.Length == 1 && arguments[0].Contains(' ', StringComparison.Ordinal)
            ? arguments[0]
            : string.Join(' ', arguments.Select(argument => ShellQuoting.Quote(Shortening.Middle(argument, limit / PartOfArgument))));
        return Shortening.End(text, limit);
    }

    /// <summary>
    /// The arguments without empty ones at the end: programs that rewrite their title leave the rest of the old ones as zero bytes.
    /// </summary>
    internal static ImmutableArray<string> WithoutEmptyTail(ImmutableArray<string> arguments)
    {
        var length = arguments.Length;
        while (length > 0 && arguments[length - 1].Length == 0)
            length--;
        return arguments[..length];
    }
}
