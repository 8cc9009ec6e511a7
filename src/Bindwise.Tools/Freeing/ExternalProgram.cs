using System.Diagnostics;

namespace Bindwise.Tools;

/// <summary>A program of a service manager or a container engine, started with arguments and without a shell.</summary>
internal static class ExternalProgram
{
    /// <summary>The most that is read of what it writes, in characters.</summary>
    private const int MostCharacters = 16 * 1024;

    /// <summary>
    /// Its file, on the PATH. The framework's own search begins in the program's folder and the working directory, where others may have
    /// put a file of that name; so an entry that is no absolute path does not count.
    /// </summary>
    public static string? Find(string name)
    {
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            if (!folder.StartsWith('/'))
                continue;
            var path = Path.Combine(folder, name);
            if (File.Exists(path) && OperatingSystem.IsLinux()
                && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0)
                return path;
        }
        return null;
    }

    /// <param name="command">The program's name and its arguments.</param>
    /// <param name="limit">How long it may take; it goes on running after that, and counts as failed.</param>
    /// <param name="cancellationToken">Ends the wait; the program goes on.</param>
    public static ProgramEnd Run(IReadOnlyList<string> command, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (Find(command[0]) is not { } path)
            return new ProgramEnd(null, "", $"{command[0]} was not found on the PATH");
        var start = new ProcessStartInfo(path, command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput, limited.Token);
            var errors = ReadAsync(process.StandardError, limited.Token);
            process.WaitForExitAsync(limited.Token).GetAwaiter().GetResult();
            return new ProgramEnd(process.ExitCode, output.GetAwaiter().GetResult(), FirstLine(errors.GetAwaiter().GetResult()));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ProgramEnd(null, "", $"{command[0]} did not end within {limit.TotalSeconds:0} s");
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return new ProgramEnd(null, "", $"{path} does not start: {exception.Message}");
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[1024];
        // What is too much is read and left out, so that the program does not wait for a reader.
        for (int length; (length = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            text.Append(buffer, 0, Math.Min(length, MostCharacters - text.Length));
        return text.ToString();
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}

/// <param name="ExitCode">Its exit code; null where it did not start or not end.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Error">The first line of what it wrote to standard error, or why it did not run.</param>
internal sealed record ProgramEnd(int? ExitCode, string Output, string Error);
