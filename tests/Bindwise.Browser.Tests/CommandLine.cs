using System.Diagnostics;
using System.Globalization;

namespace Bindwise.Browser.Tests;

/// <summary>What the program under test said.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record Said(int ExitCode, string Output, string Errors)
{
    private const string Name = "bindwise: ";

    /// <summary>The first line of standard error, without the program's name and the way to its help.</summary>
    public string FirstError
    {
        get
        {
            var line = Errors[..Errors.IndexOf('\n', StringComparison.Ordinal)];
            Assert.StartsWith(Name, line, StringComparison.Ordinal);
            var help = line.IndexOf(" (see: bindwise ", StringComparison.Ordinal);
            return line[Name.Length..(help < 0 ? line.Length : help)];
        }
    }
}

/// <summary>Runs the program under test.</summary>
internal static class CommandLine
{
    /// <summary>Runs it in a time zone, with an input.</summary>
    public static async Task<Said> RunAsync(string zone, string input, params string[] words)
    {
        var start = new ProcessStartInfo(ProgramUnderTest.Path, words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in new[] { "COLUMNS", "FORCE_COLOR", "NO_COLOR" })
            start.Environment.Remove(name);
        start.Environment["TZ"] = zone;
        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // Who refuses the command line has ended without reading, where this process comes to write late.
        }
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Said(process.ExitCode, await output, await errors);
    }

    /// <summary>A whole number of the environment, or the usual one.</summary>
    public static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var told) ? told : usual;
}
