using System.Diagnostics;

namespace Bindwise.Packages.Tests.Packing;

/// <summary>Runs a program to its end; what it says is part of a failure.</summary>
internal static class Tool
{
    // Only so that it ends: beside three busy loops and all other long tests, one run of eng/pack took 21 minutes.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(40);

    /// <summary>Runs it; an exit code other than 0 fails the test.</summary>
    public static async Task<string> RunAsync(string folder, params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        // What the test itself was started with is not the new project's affair.
        foreach (var name in start.Environment.Keys.Where(static name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("BINDWISE_", StringComparison.Ordinal) || name is "VSTEST_CONNECTION_TIMEOUT").ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{string.Join(' ', command)} took longer than {Limit}");
        }
        var said = await output.ConfigureAwait(false);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}\n{said}\n{await errors.ConfigureAwait(false)}");
        return said;
    }
}
