using System.Diagnostics;
using System.Text;

namespace Bindwise.Cli.Tests;

/// <summary>What one run of the program left.</summary>
internal sealed record Run(int ExitCode, string Output, string Errors)
{
    /// <summary>Standard error as its one line, without the line's end.</summary>
    public string OneError
    {
        get
        {
            Assert.EndsWith("\n", Errors, StringComparison.Ordinal);
            Assert.Equal(1, Errors.Count(c => c == '\n'));
            return Errors[..^1];
        }
    }
}

/// <summary>Runs the program under test as its users do.</summary>
internal static class Bindwise
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    public static string Path => ProgramUnderTest.Path;

    public static Run Run(params string[] arguments) => RunWith([], [], arguments);

    /// <summary>Runs with bytes on standard input and variables added to a bare environment.</summary>
    public static Run RunWith(byte[] input, Dictionary<string, string> variables, params string[] arguments) => Start(Path, input, variables, arguments);

    /// <summary>Runs a line of /bin/sh in which <c>$B</c> is the program.</summary>
    public static Run RunShell(string line, Dictionary<string, string>? variables = null) =>
        Start("/bin/sh", [], variables ?? [], ["-c", line]);

    /// <summary>Starts a run whose standard input stays open; the caller disposes of it.</summary>
    public static Process StartWaiting(params string[] arguments) => Process.Start(Prepare(Path, [], arguments))!;

    private static ProcessStartInfo Prepare(string program, Dictionary<string, string> variables, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var name in new[] { "COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM", "LC_ALL", "LC_CTYPE" })
            start.Environment.Remove(name);
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["B"] = Path;
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return start;
    }

    private static Run Start(string program, byte[] input, Dictionary<string, string> variables, string[] arguments)
    {
        using var process = Process.Start(Prepare(program, variables, arguments))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all, which the exit code judges.
            Assert.True(process.WaitForExit(Patience));
        }
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end");
        }
        return new Run(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }
}
