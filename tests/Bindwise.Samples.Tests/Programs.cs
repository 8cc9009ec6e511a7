using System.Diagnostics;

namespace Bindwise.Samples.Tests;

/// <summary>The programs of samples/ and the scripts of bench/, as files of this repository.</summary>
internal static class Programs
{
    /// <summary>The command that runs a sample, built with these tests.</summary>
    internal static string[] Sample(string name)
    {
        // bin/Debug/net10.0, or however these tests were built.
        var kind = Path.GetRelativePath(Repository.File("tests/Bindwise.Samples.Tests"), AppContext.BaseDirectory);
        var file = Path.Combine(Repository.Root, "samples", name, kind, Path.GetFileName(name) + ".dll");
        return File.Exists(file) ? ["dotnet", file] : throw new FileNotFoundException($"{name} is not built", file);
    }

    /// <summary>Starts a command with its output to be read.</summary>
    internal static Process Start(params string[] command) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;

    /// <summary>Runs a command to its end: exit code, output and complaints.</summary>
    internal static async Task<(int Code, string Output, string Errors)> RunAsync(TimeSpan limit, params string[] command)
    {
        using var process = Start(command);
        using var cancel = new CancellationTokenSource(limit);
        process.StandardInput.Close();
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancel.Token);
            var output = await process.StandardOutput.ReadToEndAsync(cancel.Token);
            await process.WaitForExitAsync(cancel.Token);
            return (process.ExitCode, output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
