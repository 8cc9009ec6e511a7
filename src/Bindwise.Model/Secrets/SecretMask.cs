using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Secrets;

/// <summary>
/// Takes the secrets out of command lines: passwords, tokens and keys become <c>***</c>. What is a secret follows from the names of options and
/// variables, from the habits of known programs, and from the look of known tokens. Masking what is masked changes nothing.
/// </summary>
public static class SecretMask
{
    private static readonly SearchValues<char> NoName = SearchValues.Create(" \t\n;&?/\"'=");

    /// <summary>The snapshot with every command line in it masked.</summary>
    public static Snapshot Of(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return snapshot with
        {
            Processes = [.. snapshot.Processes.Select(Of)],
            Caller = snapshot.Caller with { As = snapshot.Caller.As is { } program ? Of(program) : null },
            Elsewhere = snapshot.Elsewhere is { } survey ? survey with { Sockets = [.. survey.Sockets.Select(Of)] } : null,
        };
    }

    private static ActingAs Of(ActingAs program) => program with
    {
        Process = program.Process is { } process ? Of(process) : null,
        NetworkProcess = program.NetworkProcess is { } other ? Of(other) : null,
    };

    private static ElsewhereRecord Of(ElsewhereRecord record) => record with { Process = record.Process is { } process ? Of(process) : null };

    /// <summary>The process with its command line masked.</summary>
    public static ProcessRecord Of(ProcessRecord process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process with { Arguments = Of(process.Arguments) };
    }

    /// <summary>The target with the password of a URL masked, which somebody pasted as it was.</summary>
    public static Target Of(Target target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.Text.Contains('@', StringComparison.Ordinal) && target.Path is null ? target with { Text = OfLine(target.Text) } : target;
    }

    /// <summary>The arguments of a program, the first of them its name.</summary>
    public static ImmutableArray<string> Of(ImmutableArray<string> arguments)
    {
        if (arguments.IsDefaultOrEmpty)
            return arguments;
        var masked = ImmutableArray.CreateBuilder<string>(arguments.Length);
        var program = ProgramOf(arguments[0]);
        string? before = null;
        var logsIn = false;
        foreach (var argument in arguments)
        {
            // docker run -p publishes a port; docker login -p takes a password.
            var isPassword = logsIn && before == "-p" && !SecretValues.IsPlain(argument);
            masked.Add(isPassword ? SecretValues.Mask : masked.Count == 0 ? OfFirst(argument) : Of(program, before, argument));
            logsIn |= argument == "login";
            // Behind "sudo", "env" and "sh -c" stands another program, and a variable may stand before it.
            if (IsProgram(argument))
                program = ProgramOf(argument);
            before = argument;
        }
        return masked.MoveToImmutable();
    }

    // A title that a program wrote over its arguments is a command line in one text.
    private static string OfFirst(string argument) => argument.Contains(' ', StringComparison.Ordinal) ? OfLine(argument) : SecretText.Mask(argument);

    private static string Of(string program, string? option, string argument)
    {
        if (SecretValues.IsPlain(argument))
            return argument;
        if (IsScript(option) && argument.AsSpan().IndexOfAny(' ', '\n') >= 0)
            return OfLine(argument);
        if (option is ['-', ..] && !IsOption(argument) && SecretHabits.AttachedAt(program, option) == 0)
        {
            if (SecretHabits.TakesSecret(program, option) || (IsSecretOption(option) && !SecretHabits.Asks(program, option)))
                return SecretNames.IsKey(option) && SecretValues.IsPath(argument) || SecretHabits.IsReference(option, argument) ? argument : SecretValues.Mask;
            if (SecretHabits.TakesLogin(program, option))
                return OfLogin(argument);
            if (SecretNames.IsKey(option) && SecretValues.LooksRandom(argument))
                return SecretValues.Mask;
        }
        if (SecretHabits.AttachedAt(program, argument) is var at and > 0)
            return program == "curl" ? argument[..at] + OfLogin(argument[at..]) : argument[..at] + SecretValues.Mask;
        if (OfAssignment(argument) is { } assigned)
            return assigned;
        return OfHeader(argument) ?? (argument.AsSpan().IndexOfAny(' ', '\n') >= 0 ? OfLine(argument) : SecretText.Mask(argument));
    }

    /// <summary>A whole argument <c>--name=value</c> or <c>NAME=value</c> whose name tells: the value to its end, blanks included.</summary>
    private static string? OfAssignment(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            return null;
        var (name, value) = (argument[..equals], argument[(equals + 1)..]);
        if (name.AsSpan().ContainsAny(NoName) || SecretValues.IsPlain(value) || !SecretNames.IsSecret(name))
            return null;
        if ((SecretNames.IsKey(name) && SecretValues.IsPath(value)) || SecretHabits.IsReference(name, value))
            return argument;
        // --set auth.password=x,auth.user=y: the list goes on behind the secret.
        var next = SecretText.NextPair(value);
        return name + "=" + SecretValues.Mask + (next < 0 ? "" : SecretText.Mask(value[next..]));
    }

    /// <summary><c>Authorization: Bearer …</c>, <c>X-Api-Key: …</c>, also within a longer text's beginning.</summary>
    private static string? OfHeader(string argument)
    {
        var colon = argument.IndexOf(": ", StringComparison.Ordinal);
        if (colon <= 0 || argument.AsSpan(0, colon).ContainsAny(NoName) || !SecretNames.IsSecret(argument.AsSpan(0, colon)))
            return null;
        var value = argument[(colon + 2)..];
        var scheme = value.IndexOf(' ', StringComparison.Ordinal);
        return argument[..(colon + 2)] + (scheme > 0 && value[..scheme].All(char.IsAsciiLetter) ? value[..(scheme + 1)] : "") + SecretValues.Mask;
    }

    /// <summary>A command line in one text (<c>sh -c</c>, a title): its words one by one, the blanks kept.</summary>
    private static string OfLine(string line)
    {
        var result = new StringBuilder(line.Length);
        var program = "";
        string? before = null;
        var at = 0;
        while (at < line.Length)
        {
            if (char.IsWhiteSpace(line[at]))
            {
                result.Append(line[at++]);
                continue;
            }
            var end = EndOfWord(line, at);
            var word = line[at..end];
            var masked = before is "Bearer" or "bearer" && SecretValues.LooksRandom(word.AsSpan().Trim("\"'")) ? SecretValues.Mask : OfWord(program, before, word);
            result.Append(masked);
            if (program.Length == 0 || IsProgram(word) || before is "|" or "&&" or "||" or ";" or "exec")
                program = word.Contains('=', StringComparison.Ordinal) ? program : ProgramOf(word);
            before = word;
            at = end;
        }
        return result.ToString();
    }

    private static string OfWord(string program, string? before, string word)
    {
        if (word is [('"' or '\'') and var quote, .., var last] && last == quote && word.Length > 2)
            return quote + (before is null ? OfHeader(word[1..^1]) ?? SecretText.Mask(word[1..^1]) : Of(program, before, word[1..^1])) + quote;
        // Without quotes around it a word has no blanks left, so this ends.
        return before is null || word.AsSpan().ContainsAny(" \t\n") ? SecretText.Mask(word) : Of(program, before, word);
    }

    private static int EndOfWord(string line, int start)
    {
        var quote = '\0';
        for (var i = start; i < line.Length; i++)
        {
            if (quote != '\0')
                quote = line[i] == quote ? '\0' : quote;
            else if (line[i] is '"' or '\'' && line.IndexOf(line[i], i + 1) > 0)
                quote = line[i];
            else if (char.IsWhiteSpace(line[i]))
                return i;
        }
        return line.Length;
    }

    private static string OfLogin(string value)
    {
        var mark = value.AsSpan().IndexOfAny(':', '%');
        return mark < 0 || SecretValues.IsPlain(value.AsSpan(mark + 1)) ? value : value[..(mark + 1)] + SecretValues.Mask;
    }

    // sh -c, bash -lc: what follows is a command line.
    private static bool IsScript(string? option) => option is ['-', .., 'c'] and not ['-', '-', ..] && option.Length <= 4;

    // -p alone is never one: to most programs it is a port.
    private static bool IsSecretOption(string option) => option.Length > 2 && !option.Contains('=', StringComparison.Ordinal) && SecretNames.IsSecret(option);

    private static bool IsOption(string argument) => argument is ['-', '-', _, ..] or ['-', >= 'a' and <= 'z' or >= 'A' and <= 'Z'];

    private static bool IsProgram(string argument) => ProgramOf(argument)
        is "ssh" or "scp" or "sftp" or "rsync" or "mysql" or "mysqldump" or "mysqladmin" or "mariadb" or "mariadb-dump" or "sshpass" or "curl" or "redis-cli" or "mongosh" or "mongo" or "ldapsearch" or "sqlcmd";

    private static string ProgramOf(string argument) => argument[(argument.LastIndexOf('/') + 1)..].TrimStart('-');
}
