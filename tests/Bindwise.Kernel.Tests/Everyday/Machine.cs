using System.Globalization;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday;

/// <summary>
/// A host as a developer's machine: a project folder with small servers, and a PATH on which `bindwise` is the program under test and
/// `sudo` is a script that runs the rest. The script gives no rights: a command with sudo is run as root by the test.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    private Machine(TestHost host) => Host = host;

    /// <summary>The host.</summary>
    public TestHost Host { get; }

    /// <summary>The project folder, open to every user.</summary>
    public string Project => Path.Combine(Host.Folder, "shop");

    /// <summary>What the program of <see cref="HearAsync"/> wrote.</summary>
    public string Heard { get; private set; } = "";

    private string Tools => Path.Combine(Host.Folder, "bin");

    /// <summary>Opens a machine.</summary>
    public static async Task<Machine> OpenAsync()
    {
        var machine = new Machine(await TestHost.OpenAsync().ConfigureAwait(false));
        const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
        foreach (var folder in new[] { machine.Project, machine.Tools })
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, Everybody);
        }
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Everyday", "Programs")))
        {
            var text = await File.ReadAllTextAsync(file).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(machine.Project, Path.GetFileName(file)), text.Replace("@FOLDER@", machine.Project, StringComparison.Ordinal)).ConfigureAwait(false);
        }
        await machine.AddToolAsync("sudo", "exec \"$@\"").ConfigureAwait(false);
        await machine.AddToolAsync("bindwise", $"exec {Programs.Bindwise} \"$@\"").ConfigureAwait(false);
        // Somebody who has nothing to do with it, and must outlive every advice.
        machine.Host.Start(0, "sleep", "3600");
        await Patience.UntilAsync(() => machine.Host.Processes.Commands().Values.Contains("sleep 3600"), "the bystander").ConfigureAwait(false);
        return machine;
    }

    /// <summary>Runs a command line in the project folder, in the background, as a user.</summary>
    public TestProgram Run(string command, int user = 0) =>
        Host.Start(user, "/bin/sh", "-c", $"cd {Project} && exec </dev/null >{Project}/log.{user} 2>&1 && {command}");

    /// <summary>Starts a server in the project folder and waits until it listens on a port.</summary>
    public async Task ServeAsync(string command, int port, int user = 0)
    {
        var plain = command.AsSpan().ContainsAny(";&") ? command : "exec " + command;
        Run(plain, user);
        try
        {
            await Host.Sockets.UntilSomeAsync(port, "LISTEN").ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{command} does not listen on {port}: {await File.ReadAllTextAsync($"{Project}/log.{user}").ConfigureAwait(false)}", e);
        }
    }

    /// <summary>Starts sockets by a script of Scripts/ and waits until they stand.</summary>
    public Task<TestProgram> StartScriptAsync(string script, string words, int user = 0) => Host.StartScriptAsAsync(user, script, words);

    /// <summary>Runs a program of the project that fails, and keeps what it says.</summary>
    public async Task HearAsync(string command, int user = 0)
    {
        var outcome = await ShellAsync(command + " 2>&1", user).ConfigureAwait(false);
        Heard = outcome.Output;
    }

    /// <summary>Has a client visit a web server, which closes first and keeps TIME_WAIT.</summary>
    public async Task VisitAsync(int port, string address = "127.0.0.1") =>
        Expect(await Host.RunAsync("python3", "-B", "-S", Programs.Script("visit.py"), address, Text(port)).ConfigureAwait(false));

    /// <summary>Has a client visit it and keep the connection.</summary>
    public Task<TestProgram> StayAsync(int port, string address = "127.0.0.1") => StartScriptAsync("visit.py", $"{address} {port} stay");

    /// <summary>Ends the processes with a part of a command line and waits until they are gone: what happened before the question.</summary>
    public async Task EndAsync(string part, string signal = "KILL")
    {
        foreach (var pid in PidsOf(part))
        {
            await Host.SignalAsync(pid, signal).ConfigureAwait(false);
            if (signal is "KILL" or "TERM" or "INT")
                // Its command line goes before its sockets do.
                await Patience.UntilAsync(() => Host.StateOf(pid) is '-' or 'Z', "the end of " + part).ConfigureAwait(false);
        }
    }

    /// <summary>Stops the processes with a part of a command line, as Ctrl+Z does.</summary>
    public async Task SuspendAsync(string part)
    {
        foreach (var pid in PidsOf(part))
        {
            await Host.SignalAsync(pid, "STOP").ConfigureAwait(false);
            await Host.UntilStateAsync(pid, 'T').ConfigureAwait(false);
        }
    }

    /// <summary>The processes with a part of a command line, first those of which it is the whole; at least one.</summary>
    public IReadOnlyList<int> PidsOf(string part)
    {
        var pids = Running(part).OrderBy(one => one.Value != part).ThenBy(static one => one.Key).Select(static one => one.Key).ToList();
        return pids.Count > 0 ? pids : throw new InvalidOperationException($"nobody runs {part}");
    }

    /// <summary>Waits until so many processes have a part of a command line: nginx and others name theirs only after they listen.</summary>
    public Task UntilRunAsync(string part, int count) =>
        Patience.UntilAsync(() => Running(part).Count() == count, $"{count} processes of {part}");

    /// <summary>Runs a command line as somebody would paste it: in the project folder, with the machine's `sudo` and `bindwise`.</summary>
    public Task<Outcome> ShellAsync(string command, int user = 0, string? input = null) =>
        Host.RunAsAsync(command.StartsWith("sudo ", StringComparison.Ordinal) ? 0 : user, input,
            "/bin/sh", "-c", $"cd {Project} && PATH={Tools}:$PATH && export PATH && {command}");

    /// <summary>Runs a command line of the set-up, which must succeed.</summary>
    public async Task PrepareAsync(string command, int user = 0) => Expect(await ShellAsync(command, user).ConfigureAwait(false));

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private IEnumerable<KeyValuePair<int, string>> Running(string part) =>
        Host.Processes.Commands().Where(one => one.Value.Contains(part, StringComparison.Ordinal));

    private static void Expect(Outcome outcome) => Assert.True(outcome.ExitCode == 0, outcome.ToString());

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Puts a command in front of those of the system, for the steps that are run.</summary>
    public async Task AddToolAsync(string name, string script)
    {
        var file = Path.Combine(Tools, name);
        await File.WriteAllTextAsync(file, $"#!/bin/sh\n{script}\n").ConfigureAwait(false);
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
    }
}
