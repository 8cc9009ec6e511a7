using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace Bindwise.Recording.Journal;

/// <summary>What programs themselves wrote to systemd's journal about a port, by journalctl(1): bounded, and within a deadline.</summary>
[SupportedOSPlatform("linux")]
internal static class JournalSearch
{
    private const int MostLines = 10;
    private const int LinesRead = 20_000;
    private const int LongestLine = 4096;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    private static readonly string[] Programs = ["/usr/bin/journalctl", "/bin/journalctl"];

    private static readonly string[] Words = ["in use", "EADDRINUSE", "EADDRNOTAVAIL", "bind", "listen"];

    /// <summary>The last lines that name the port or path and speak of a bind; empty where there is no journal.</summary>
    public static List<string> Find(string place) =>
        Array.Find(Programs, File.Exists) is { } program ? Find(program, place) : [];

    /// <summary>The same with a program of the caller's choice.</summary>
    internal static List<string> Find(string program, string place)
    {
        var start = new ProcessStartInfo(program,
            ["--no-pager", "--quiet", "--output=short-iso", "--since=-7days", "--reverse", $"--lines={LinesRead}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        try
        {
            using var process = Process.Start(start);
            if (process is null)
                return [];
            process.StandardInput.Close();
            using var late = new CancellationTokenSource(Deadline);
            using var ending = late.Token.Register(() => End(process));
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var found = Read(process.StandardOutput, place, late.Token);
            End(process);
            return found;
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or InvalidOperationException)
        {
            return [];
        }
    }

    private static List<string> Read(StreamReader lines, string place, CancellationToken late)
    {
        var found = new List<string>();
        var whole = new Regex($@"(?<![\w.]){Regex.Escape(place)}(?!\w)", RegexOptions.CultureInvariant);
        while (found.Count < MostLines && !late.IsCancellationRequested && lines.ReadLine() is { } line)
        {
            if (line.Length <= LongestLine && Array.Exists(Words, word => line.Contains(word, StringComparison.OrdinalIgnoreCase))
                && whole.IsMatch(line))
                found.Add(line);
        }
        found.Reverse();
        return found;
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception)
        {
            // It has ended already.
        }
    }
}
