namespace Bindwise.Model.Secrets;

/// <summary>
/// Masks a command line word by word: what a word holds follows from the program, from the words before it, and from its own look.
/// </summary>
internal sealed class CommandLineMask
{
    private const int MostOperands = 8;

    private static readonly System.Buffers.SearchValues<char> NoName = System.Buffers.SearchValues.Create(" \t\n;&?/\"'{");

    private readonly List<string> _operands = [];
    private readonly bool _inLine;
    private string? _family;
    private string _program = "";
    private string _flags = "";
    private string? _before;
    private string? _earlier;
    private bool _inBlock;
    private bool _expectsProgram = true;

    private CommandLineMask(bool inLine) => this._inLine = inLine;

    public static IEnumerable<string> Mask(IEnumerable<string> arguments)
    {
        var words = new CommandLineMask(inLine: false);
        foreach (var argument in arguments)
            yield return words.Next(argument);
    }

    /// <summary>
    /// A command line in one text (<c>sh -c</c>, a title): what the text itself tells, then its words one by one, the blanks kept.
    /// </summary>
    public static string MaskLine(string line) => CommandLineText.Mask(SecretText.Mask(line), new CommandLineMask(inLine: true).Next);

    private string Next(string word)
    {
        var masked = MaskWord(word);
        Advance(word);
        return masked;
    }

    private string MaskWord(string word)
    {
        if (_inBlock)
            return SecretValues.Mask;
        if (_before is null)
            return !_inLine && word.Contains(' ', StringComparison.Ordinal) ? MaskLine(word) : SecretText.Mask(word);
        if (SecretValues.IsPlain(word))
            return word;
        if (IsScript(_before) && word.AsSpan().ContainsAny(" \n"))
            return MaskLine(word);
        return AfterOption(word) ?? AfterHeader(word) ?? AsOperand(word) ?? AsAttached(word) ?? AsAssignment(word) ?? AsText(word);
    }

    private string? AfterOption(string word)
    {
        if (_before is not (['-' or '+', ..] or ['/', _]) or [.., ':'] || IsOption(_before, word)
            || ProgramSecrets.AttachedAt(_family, _before) > 0)
            return null;
        var holds = ProgramSecrets.After(_family, _before, _operands);
        if (holds == Holds.Nothing)
            return AsAttached(word) ?? SecretText.Mask(word);
        if (holds != Holds.Unknown)
            return Hide(holds, word);
        if (_before.Length <= 2 || _before.Contains('=', StringComparison.Ordinal))
            return _before is "-u" ? LoginOrNull(word)
                : _before is "-p" or "-P" && IsPasswordOfUser(word) ? Hide(Holds.Secret, word) : null;
        if (SecretNames.Hides(_before, word))
            return word.Contains("://", StringComparison.Ordinal) ? null : Hide(Holds.Secret, word);
        return SecretNames.KindOf(_before) switch
        {
            SecretKind.Secret or SecretKind.SecretKey => SecretValues.IsReference(word) || SecretValues.IsFile(word) ? word : null,
            SecretKind.Login => LoginOrNull(word),
            _ => SecretNames.IsUser(_before) ? LoginOrNull(word) : null,
        };
    }

    // Authorization: Bearer …, cut at its blanks.
    private string? AfterHeader(string word)
    {
        if (word.Contains(SecretValues.Mask, StringComparison.Ordinal))
            return null;
        if (_before is [.. var name, ':'] && name.Length > 0 && !name.AsSpan(1).ContainsAny(NoName))
            return !SecretNames.Hides(name.AsSpan().TrimStart("\"'"), word) ? null : AuthorizationScheme.Is(word) ? word : Bare(word);
        if (_before is null || !AuthorizationScheme.Is(_before))
            return null;
        return _earlier is [.. var header, ':'] && SecretNames.KindOf(header.AsSpan().TrimStart("\"'")) == SecretKind.Secret ? Bare(word)
            : _before is "Bearer" or "bearer" && SecretValues.LooksRandom(word.AsSpan().Trim("\"'")) ? Bare(word) : null;
    }

    private string? AsOperand(string word)
    {
        if (_family is null || word is ['-', ..])
            return null;
        var holds = ProgramSecrets.Operand(_family, _operands, _flags, _before);
        if (holds == Holds.Unknown || (holds == Holds.Secret && (IsPair(word) || SecretValues.IsReference(word))))
            return null;
        // After an option of which nothing is known a word may be that option's value.
        if (_before is ['-', _, _, ..] && !_before.Contains('=', StringComparison.Ordinal) && !SecretValues.LooksRandom(word))
            return null;
        return Hide(holds, word);
    }

    private string? AsAttached(string word) => ProgramSecrets.AttachedAt(_family, word) is var at and > 0
        ? word[..at] + Hide(ProgramSecrets.Attached(_family), word[at..])
        : null;

    /// <summary>
    /// A whole argument <c>--name=value</c>, <c>NAME=value</c> or <c>/name:value</c> whose name tells: the value to its end, blanks
    /// included.
    /// </summary>
    private string? AsAssignment(string word)
    {
        var mark = word[0] == '/' ? word.AsSpan().IndexOfAny("=:") : word.IndexOf('=', StringComparison.Ordinal);
        if (mark <= 0 || mark + 1 == word.Length || word.AsSpan(0, mark).TrimStart('/').ContainsAny(NoName))
            return null;
        var (name, value) = (word[..mark], word[(mark + 1)..]);
        var tail = _inLine && value is [.., ';'] ? ";" : "";
        value = value[..^tail.Length];
        var quote = value is [('"' or '\'') and var first, .., var last] && first == last && value.Length > 2 ? value[..1] : "";
        if (quote.Length > 0)
            value = value[1..^1];
        var head = word[..(mark + 1)] + quote;
        return Assigned(name, value) is { } masked ? head + masked + quote + tail : null;
    }

    private string? Assigned(string name, string value)
    {
        if (_inLine && value.Contains(SecretValues.Mask, StringComparison.Ordinal))
            return null;
        if (IsPemBlock(value))
            return SecretText.Mask(value);
        var holds = name[0] == '-' ? ProgramSecrets.After(_family, name, _operands) : Holds.Unknown;
        if (holds is Holds.Login or Holds.CommaLogin or Holds.SlashLogin or Holds.FileLogin or Holds.Pair
            || (holds == Holds.Secret && name.Length > 2))
            return Hide(holds, value);
        if (holds == Holds.Nothing && _family is not "mysql" and not "psql")
            return SecretText.Mask(value);
        var kind = SecretNames.KindOf(name);
        if (kind == SecretKind.Login || (name[0] == '-' && SecretNames.IsUser(name)))
            return LoginOrNull(value, name) ?? (SecretNames.Hides(name, value) ? SecretValues.Mask : null);
        if (!SecretNames.Hides(name, value) || value.Contains("://", StringComparison.Ordinal))
        {
            // ProxyCommand=sshpass …: the value is a command line.
            return kind == SecretKind.Secret && SecretValues.IsReference(value) ? value
                : value.Contains(' ', StringComparison.Ordinal) && value[0] is not ('{' or '[') ? MaskLine(value) : null;
        }
        // --set auth.password=x,auth.user=y: the list goes on after the secret. A variable's value is one.
        var next = name.AsSpan().ContainsAnyInRange('a', 'z') ? SecretText.NextPair(value, orBlank: name[0] != '-') : -1;
        return SecretValues.Mask + (next < 0 ? "" : SecretText.Mask(value[next..]));
    }

    private string AsText(string word)
    {
        if (_inLine && word is [('"' or '\'') and var quote, .., var last] && last == quote && word.Length > 2)
        {
            var inner = word[1..^1];
            // Without quotes around it a word has no such quote left, so this ends.
            return quote + (inner.AsSpan().ContainsAny(" \t\n") ? MaskLine(inner) : MaskWord(inner)) + quote;
        }
        return !_inLine && word.AsSpan().ContainsAny(" \n") ? MaskLine(word) : SecretText.Mask(word);
    }

    private static string Hide(Holds holds, string value) =>
        value is [('"' or '\'') and var quote, .., var last] && quote == last && value.Length > 2
        ? quote + Hide(holds, value[1..^1]) + quote
        : holds switch
        {
            Holds.Login => AfterMark(value, ":%"),
            Holds.SlashLogin => AfterMark(value, "/"),
            Holds.CommaLogin => AfterMark(value, ","),
            Holds.FileLogin => value.LastIndexOf(':') is var mark and > 1 ? value[..(mark + 1)] + SecretValues.Mask : value,
            Holds.Pair => value.IndexOf('=', StringComparison.Ordinal) is var equals and > 0 && value[^1] != '=' && value[equals + 1] != '@'
                ? value[..(equals + 1)] + SecretValues.Mask : value,
            _ => SecretValues.IsPlain(value) ? value : IsPemBlock(value) ? SecretText.Mask(value) : SecretValues.Mask,
        };

    /// <summary>What follows the first of these marks is the password; up to the @ of a host, if one follows.</summary>
    private static string AfterMark(string value, string marks)
    {
        var mark = value.AsSpan().IndexOfAny(marks);
        if (mark <= 0 || SecretValues.IsPlain(value.AsSpan(mark + 1)) || value.Contains("://", StringComparison.Ordinal))
            return SecretText.Mask(value);
        var host = marks == "/" ? value.LastIndexOf('@') : -1;
        return value[..(mark + 1)] + SecretValues.Mask + (host > mark ? value[host..] : "");
    }

    private static string? LoginOrNull(string value, string name = "") =>
        SecretNames.PasswordAt(name, value) is var at and > 0 ? value[..at] + SecretValues.Mask : null;

    private void Advance(string word)
    {
        // In one text the block is whole, and masked already.
        _inBlock = !_inLine && (_inBlock ? !PrivateText.IsClosed(word) : PrivateText.IsOpen(word) && !word.AsSpan().ContainsAny(" \n"));
        var name = ProgramOf(word);
        var isNext = ProgramSecrets.FamilyOf(name) is { } known && !(_before is ['-', ..] && !_expectsProgram)
            && (_expectsProgram || !ProgramSecrets.IsCommonWord(name)) && known != _family;
        if ((_expectsProgram && !IsPair(word) && word is not ['-', ..] && word.Length > 0) || isNext)
        {
            _program = name;
            _family = ProgramSecrets.FamilyOf(name) ?? (_program.Contains("freerdp", StringComparison.Ordinal) ? "freerdp" : null);
            _operands.Clear();
            _flags = "";
        }
        else if (word is ['-', not '-', ..])
            _flags = _flags.Length < 64 ? _flags + word[1..Math.Min(word.Length, 9)] : _flags;
        else if (word is not ['-', ..] && _operands.Count < MostOperands)
            _operands.Add(word);
        _expectsProgram = word is "|" or "&&" or "||" or ";" or "exec" or "sudo" or "env" or "nohup" or "setsid" or "time" or "then" or "do"
            or "--" or "!" or "(" or "{" or "doas" or "command" or "tini" or "dumb-init"
            || word is [.., ';'] || (_expectsProgram && (IsPair(word) || word is ['-', ..]))
            || (_program is "sudo" or "env" or "doas" && IsPair(word))
            || (word == "-m" && _program.StartsWith("python", StringComparison.Ordinal));
        _earlier = _before;
        _before = word;
    }

    private string Bare(string word)
    {
        var end = _inLine && word[^1] is '"' or '\'' ? word[^1..] : "";
        return SecretValues.Mask + end;
    }

    private static bool IsPemBlock(string value) => value.Contains("-----BEGIN ", StringComparison.Ordinal);

    // sh -c, bash -lc: what follows is a command line.
    private static bool IsScript(string option) => option is ['-', .., 'c'] and not ['-', '-', ..] && option.Length <= 4;

    private static bool IsOption(string before, string word) => word is ['-', '-', _, ..] or ['-', >= 'a' and <= 'z' or >= 'A' and <= 'Z']
        || (word is ['-', _, _, ..] && before is ['-', not '-', ..] && !word.AsSpan(1).ContainsAnyExceptInRange('a', 'z'));

    // server -u joe -p word: a password, as a port has digits only. sudo, docker and mysql mean something else by it.
    private bool IsPasswordOfUser(string word) => _flags.AsSpan().ContainsAny('u', 'U')
        && _family is not ("mysql" or "psql" or "container" or "plain") && !SecretValues.IsReference(word)
        && word[0] is not ('/' or '-') && !word.Contains(':', StringComparison.Ordinal) && word.AsSpan().ContainsAnyExceptInRange('0', '9');

    private static bool IsPair(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals + 1 < word.Length && word[equals + 1] != '=' && !word.AsSpan(0, equals).ContainsAny("/+:. ");
    }

    private static string ProgramOf(string word)
    {
        var name = word[(word.LastIndexOf('/') + 1)..].TrimStart('-', '(', '$', '`', '"', '\'').TrimEnd(';', ')', '`', '"', '\'');
        return name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
    }
}

/// <summary>A command line in one text, in words as a shell takes them, roughly: quotes hold a word together, blanks part words.</summary>
internal static class CommandLineText
{
    /// <summary>The text with each word masked, and what is piped into a program that reads a secret.</summary>
    public static string Mask(string line, Func<string, string> word)
    {
        var result = new StringBuilder(line.Length);
        var at = 0;
        var pipes = false;
        var here = false;
        while (at < line.Length)
        {
            if (char.IsWhiteSpace(line[at]))
            {
                result.Append(line[at++]);
                continue;
            }
            var end = EndOfWord(line, at);
            var text = line[at..end];
            at = end;
            var masked = word(text);
            if (text is "|" or ";" or "&&" or "||")
                pipes = false;
            var isInput = (pipes && text is not ['-', ..] && !SecretValues.IsPlain(text)) || here || text is ['<', '<', '<', _, ..];
            result.Append(isInput ? Hidden(text) : masked);
            here = text is "<<<" && ReadsSecret(line.AsSpan(0, at));
            pipes = pipes || (text is "echo" or "printf" or "/bin/echo" && PipesToSecret(line.AsSpan(at)));
        }
        return result.ToString();
    }

    // echo joe:pw: the user stays.
    private static string Hidden(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var quote = text[0] is '"' or '\'' && text[^1] == text[0] && text.Length > 1 ? text[..1] : "";
        return text is "'%s'" or "\"%s\"" or "%s" or "'%s\\n'" or "\"%s\\n\"" ? text
            : colon > 0 ? string.Concat(text.AsSpan(0, colon + 1), SecretValues.Mask, quote) : quote + SecretValues.Mask + quote;
    }

    private static bool PipesToSecret(ReadOnlySpan<char> rest)
    {
        rest = rest[..Math.Min(rest.Length, 256)];
        var pipe = rest.IndexOf('|');
        if (pipe < 0 || pipe + 1 == rest.Length || rest[pipe + 1] == '|' || rest[..pipe].ContainsAny(";&"))
            return false;
        var next = rest[(pipe + 1)..];
        var end = next.IndexOfAny(";&|");
        return ReadsSecret(end < 0 ? next : next[..end]);
    }

    private static bool ReadsSecret(ReadOnlySpan<char> command)
    {
        command = command.Length > 256 ? command[^256..] : command;
        foreach (var range in command.Split(' '))
        {
            var word = command[range];
            if (ProgramSecrets.ReadsSecret(word[(word.LastIndexOf('/') + 1)..]))
                return true;
        }
        return false;
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
}
