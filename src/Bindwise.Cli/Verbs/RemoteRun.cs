using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Cli.Verbs;

/// <summary>
/// <c>why HOST:PORT --via ssh</c>: the user's own ssh, with its configuration, keys and agent, runs the remote host's bindwise. What comes
/// back is bounded and escaped, and has to come before a deadline.
/// </summary>
internal sealed class RemoteRun(RemoteTarget remote, ImmutableArray<string> options, bool isJson, AnswerStream output, ErrorLines errors)
{
    private const int MostCharacters = 1 << 20;
    private const int MostNotes = 20;

    /// <summary>The exit codes that are ssh's own, and a shell's for a program that is not there or cannot be run.</summary>
    private const int SshFailed = 255, NotFound = 127, NotExecutable = 126;

    // Ten seconds to connect, and the minute after which bindwise over there would give up by itself.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    // A person may have to type a passphrase.
    private static readonly TimeSpan DeadlineAtTerminal = TimeSpan.FromMinutes(2);

    public ExitCode Answer()
    {
        if (ExternalProgram.Find("ssh") is not { } ssh)
            return errors.Fail("--via ssh needs ssh, which is not on the PATH: install the OpenSSH client");
        var mayPrompt = !Console.IsInputRedirected;
        var limit = mayPrompt ? DeadlineAtTerminal : Deadline;
        var start = new ProcessStartInfo(ssh,
        [
            "-T", "-a", "-x", "-o", "ConnectTimeout=10", "-o", "ClearAllForwardings=yes", "-o", "LogLevel=ERROR",
            "-o", $"BatchMode={(mayPrompt ? "no" : "yes")}", "--", remote.Host,
            "bindwise", "why", remote.Target, .. options.Select(ShellQuoting.Quote),
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        try
        {
            using var process = Process.Start(start)!;
            using var late = new CancellationTokenSource(limit);
            return Await(process, late.Token) is { } answer ? Report(answer)
                : errors.Fail(
                    $"{remote.Host} did not answer within {limit.TotalSeconds:0} s: try ssh {ShellQuoting.Quote(remote.Host)} by hand");
        }
        catch (Win32Exception exception)
        {
            return errors.Fail($"{ssh} does not start: {exception.Message}");
        }
    }

    private static RemoteAnswer? Await(Process process, CancellationToken late)
    {
        try
        {
            process.StandardInput.Close();
            var text = ReadAsync(process.StandardOutput, late);
            var notes = ReadAsync(process.StandardError, late);
            process.WaitForExitAsync(late).GetAwaiter().GetResult();
            return new RemoteAnswer(process.ExitCode, text.GetAwaiter().GetResult(), notes.GetAwaiter().GetResult());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }

    // What is too much is read and left out, so that the remote does not wait for a reader.
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken late)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        for (int length; (length = await reader.ReadAsync(buffer, late).ConfigureAwait(false)) > 0;)
            text.Append(buffer, 0, Math.Min(length, MostCharacters + 1 - text.Length));
        return text.ToString();
    }

    private ExitCode Report(RemoteAnswer answer)
    {
        var host = remote.Host;
        var first = Lines(answer.Notes).FirstOrDefault();
        switch (answer.Code)
        {
            case SshFailed:
                return errors.Fail(
                    $"ssh to {host} failed{(first is null ? "" : $" ({first})")}: try ssh {ShellQuoting.Quote(host)} by hand");
            case NotFound or NotExecutable:
                return errors.Fail(
                    $"{host} has no bindwise that its ssh session can run: install it there, in a folder of that session's PATH");
            case not ((int)ExitCode.Success or (int)ExitCode.Negative or (int)ExitCode.Error or (int)ExitCode.Undetermined):
                return errors.Fail($"bindwise on {host} ended with {answer.Code}{(first is null ? "" : $": {first}")}");
        }
        if (answer.Text.Length > MostCharacters)
            return errors.Fail($"{host} answered with more than {MostCharacters >> 20} MiB, which is no answer of bindwise");
        var isReported = isJson ? WriteJson(answer.Text) : WriteText(answer.Text);
        foreach (var note in Lines(answer.Notes).Take(MostNotes))
            errors.Write($"{host}: {(note.StartsWith("bindwise: ", StringComparison.Ordinal) ? note["bindwise: ".Length..] : note)}");
        return isReported || (answer.Code == (int)ExitCode.Error && first is not null) ? (ExitCode)answer.Code
            : errors.Fail($"{host} gave no answer of bindwise: is its bindwise of this version, and does its shell print nothing else?");
    }

    private bool WriteText(string text)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        // A shell may greet first, and one that lets nobody in says so with an exit code of its own.
        if (!lines[0].Contains(remote.Name, StringComparison.Ordinal))
            return false;
        lines[0] = $"{remote.Host}: {lines[0]}";
        output.Write(string.Concat(lines.Select(static line => Escaper.Escape(line.TrimEnd('\r')) + "\n")));
        return true;
    }

    private bool WriteJson(string text)
    {
        var lines = Lines(text).ToList();
        if (lines.Count == 0 || !lines.TrueForAll(IsDiagnosis))
            return false;
        output.Write(string.Concat(lines.Select(static line => line + "\n")));
        return true;
    }

    private static bool IsDiagnosis(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("schema", out var schema)
                && schema.ValueKind == JsonValueKind.String
                && schema.GetString()!.StartsWith("bindwise.diagnosis/", StringComparison.Ordinal)
                && !line.EnumerateRunes().Any(Escaper.IsHarmful);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair in a text is found only when that is read.
            return false;
        }
    }

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0);

    private sealed record RemoteAnswer(int Code, string Text, string Notes);
}

/// <param name="Host">As ssh takes it: a name, an alias of the user's ssh configuration, USER@NAME, or an address without brackets.</param>
internal sealed record RemoteTarget(string Host, string Target)
{
    private const int LongestHost = 255;

    /// <summary>As the first line of every answer about it names it: <c>8080/tcp</c>.</summary>
    public string Name => Target.Contains('/', StringComparison.Ordinal) ? Target : Target + "/tcp";

    /// <summary>
    /// Reads it. The host goes to ssh, whose configuration may hand it to a shell (ProxyCommand, Match exec): only letters, digits and
    /// <c>. _ - + % @ :</c> get there, and nothing that could be an option.
    /// </summary>
    public static ParseResult<RemoteTarget> Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0)
            return Fault($"--via ssh asks another host: {text} names none; give HOST:PORT, as in web1:8080");
        var (host, asked) = (text[..colon], text[(colon + 1)..]);
        if (PlainTarget(asked) is not { } target)
            return Fault($"--via ssh asks about a port: \"{asked}\" is none; give HOST:PORT, as in web1:8080");
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return Fault($"\"{text}\" is ambiguous: give an IPv6 address in brackets, as in [2001:db8::1]:8080");
        return IsHost(host) ? new ParseResult<RemoteTarget>(new RemoteTarget(host, target))
            : Fault($"\"{host}\" is not a host that ssh is given: use a name, USER@NAME or an address");
    }

    private static bool IsHost(string host) => host.Length <= LongestHost && host.Count(static c => c == '@') <= 1
        && host.Split('@').All(static part => part.Length > 0 && part[0] != '-'
            && part.All(static c => char.IsAsciiLetterOrDigit(c) || "._-+%:".Contains(c, StringComparison.Ordinal)));

    private static string? PlainTarget(string asked)
    {
        var slash = asked.IndexOf('/', StringComparison.Ordinal);
        var (number, protocol) = slash < 0 ? (asked, "tcp") : (asked[..slash], asked[(slash + 1)..]);
        var isPort = ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0;
        return isPort && protocol is ("tcp" or "udp")
            ? string.Create(CultureInfo.InvariantCulture, $"{port}{(protocol == "udp" ? "/udp" : "")}") : null;
    }

    private static ParseResult<RemoteTarget> Fault(string message) => new(null, message);
}
