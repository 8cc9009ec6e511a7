using System.Collections;
using System.Diagnostics;
using Microsoft.Playwright;

namespace Bindwise.Dashboard.Page.Tests;

/// <summary>
/// A host of its own (network, processes, mounts), in which <c>bindwise serve</c>, what it shows, and the browser that looks at it run. All of it ends
/// with the first process of its namespace.
/// </summary>
public sealed class ServedHost : IAsyncLifetime
{
    /// <summary>Where the browser finds the page, unless a test starts a server of its own.</summary>
    public const string Origin = "http://127.0.0.1:9876";

    private readonly List<Process> _started = [];
    private Process? _first;
    private string _firstId = "";
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    private static string Record { get; } = Repository.File("artifacts/serve/record");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (PageSkip.Reason is not null)
            return;
        if (Directory.Exists(Record))
            Directory.Delete(Record, recursive: true);
        _first = Start("unshare", ["--net", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "bash", "-c", "ip link set lo up; echo ready; exec sleep infinity"]);
        Assert.Equal("ready", await _first.StandardOutput.ReadLineAsync());
        _firstId = (await File.ReadAllTextAsync($"/proc/{_first.Id}/task/{_first.Id}/children")).Trim();
        _playwright = await Playwright.CreateAsync();
        // Five seconds, which it has by itself, is more than a busy machine gives.
        Assertions.SetDefaultExpectTimeout(InstalledChromium.LimitMilliseconds);
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(static one => (string)one.Key, static one => (string)one.Value!);
        (variables["HOST_PROCESS"], variables["BROWSER"]) = (_firstId, InstalledChromium.Executable!);
        _chromium = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Path.Combine(AppContext.BaseDirectory, "enter-host"),
            Env = variables,
            Args = InstalledChromium.Arguments,
            Timeout = InstalledChromium.LimitMilliseconds,
        });
        await HoldAsync(8080);
        // The recorder's own notices go to standard error; it is there when its first segment is.
        Enter([ProgramUnderTest.Path, "record", "--dir", Record]);
        await ServeAsync("--port", "9876", "--allow-actions", "--dir", Record);
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        _playwright?.Dispose();
        foreach (var process in Enumerable.Reverse(_started))
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Starts a server, and waits until it says its address.</summary>
    public async Task<Process> ServeAsync(params string[] options)
    {
        var server = Enter([ProgramUnderTest.Path, "serve", .. options]);
        var line = await server.StandardOutput.ReadLineAsync();
        Assert.True(line is not null && line.Contains("http", StringComparison.Ordinal), line ?? await server.StandardError.ReadToEndAsync());
        return server;
    }

    /// <summary>Holds ports in a row, by one Python program.</summary>
    /// <param name="first">The first port.</param>
    /// <param name="count">How many.</param>
    /// <param name="name">What stands at the end of its command line.</param>
    public async Task<Process> HoldAsync(int first, int count = 1, string name = "")
    {
        var holder = Enter(["python3", Path.Combine(AppContext.BaseDirectory, "hold.py"), $"{first}", $"{count}", name]);
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync());
        return holder;
    }

    /// <summary>Has a program fail to bind a port that another one holds.</summary>
    public async Task FailABindAsync()
    {
        var program = Enter(["python3", "-c", "import socket\ntry: socket.socket().bind(('127.0.0.1', 8080))\nexcept OSError: pass"]);
        await program.WaitForExitAsync();
    }

    /// <summary>Runs a program on the host to its end.</summary>
    public async Task RunAsync(params string[] words)
    {
        var program = Enter(words);
        var errors = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        Assert.True(program.ExitCode == 0, errors);
    }

    /// <summary>Starts a program on the host, which goes on.</summary>
    public Process Begin(params string[] words) => Enter(words);

    /// <summary>Ends what was started here, and waits for that.</summary>
    public static async Task EndAsync(Process process)
    {
        // nsenter is the parent; what it started is what is meant.
        var started = Read($"/proc/{process.Id}/task/{process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        // That holds its output until it has ended.
        await process.StandardOutput.ReadToEndAsync();
        // Its sockets go after its output: the next one can have its port when none of its threads is left.
        while (started.Any(IsAlive))
            await Task.Delay(20);
    }

    /// <summary>Opens an address of the page as a reader who comes for the first time.</summary>
    /// <param name="address">Below the origin.</param>
    /// <param name="origin">The server's; null for the common one.</param>
    public async Task<OpenPage> OpenAsync(string address, string? origin = null)
    {
        var reader = await _chromium!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = 1440, Height = 900 },
            ReducedMotion = ReducedMotion.Reduce,
            IgnoreHTTPSErrors = true,
        });
        reader.SetDefaultTimeout(InstalledChromium.LimitMilliseconds);
        var page = await reader.NewPageAsync();
        var open = new OpenPage(reader, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                open.Note(message.Text);
        };
        page.PageError += (_, error) => open.Note(error);
        await page.GotoAsync($"{origin ?? Origin}/{address}");
        return open;
    }

    // Nobody reaps it: the first process of the host sleeps.
    private static bool IsAlive(string id)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{id}/task")
                .Any(static thread => Read(thread + "/stat") is { Length: > 0 } stat && stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X'));
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A file of a process; empty once that is gone.</summary>
    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private Process Enter(string[] words) => Start("nsenter", ["--target", _firstId, "--net", "--mount", "--pid", "--", .. words]);

    private Process Start(string program, string[] words)
    {
        var start = new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        var process = Process.Start(start)!;
        _started.Add(process);
        return process;
    }
}
