using System.Diagnostics;

namespace Bindwise.Listeners.Manners;

/// <summary>"Allow only one instance": a named Mutex; whoever comes second ends without a word.</summary>
internal sealed class MutexManner : IManner
{
    private static Mutex? s_held;

    public Task<Listening> ListenAsync(Wanted wanted)
    {
        s_held = new Mutex(initiallyOwned: true, "Global\\Bindwise.Listeners", out var isFirst);
        if (!isFirst)
            Environment.Exit(1);
        return new PlainManner().ListenAsync(wanted);
    }
}

/// <summary>Ends every process of its own name before it binds.</summary>
internal sealed class NamesakeManner : IManner
{
    public Task<Listening> ListenAsync(Wanted wanted)
    {
        using var self = Process.GetCurrentProcess();
        foreach (var namesake in Process.GetProcessesByName(self.ProcessName))
        {
            using (namesake)
            {
                if (namesake.Id == Environment.ProcessId)
                    continue;
                namesake.Kill();
                namesake.WaitForExit();
            }
        }
        return new PlainManner().ListenAsync(wanted);
    }
}

/// <summary>Runs a line that is pasted into the shell, and binds after it.</summary>
internal sealed class CommandManner(string command) : IManner
{
    public async Task<Listening> ListenAsync(Wanted wanted)
    {
        var line = command.Replace("{port}", $"{wanted.Port}", StringComparison.Ordinal);
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        await Task.WhenAll(shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync();
        return await new PlainManner().ListenAsync(wanted);
    }
}
