// Hosts in several test processes at once: how many collide where each looks for a free port and binds it later, and how many where each leases one.
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

[assembly: SupportedOSPlatform("linux")]

return args switch
{
    ["child", var way, var hosts] => await RunChildAsync(way, Number(hosts)),
    [var hosts, var processes] => await RunAsync(Number(hosts), Number(processes)),
    _ => await RunAsync(500, 4),
};

static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

static async Task<int> RunAsync(int hosts, int processes)
{
    Console.WriteLine($"{hosts} hosts over {processes} processes; {Environment.ProcessorCount} processors");
    Console.WriteLine("| way | started | collisions | distinct ports | port, median µs | seconds |");
    Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
    var isWrong = false;
    foreach (var way in new[] { "find", "lease" })
    {
        var began = Stopwatch.GetTimestamp();
        var children = Enumerable.Range(0, processes).Select(index => Start(way, (hosts / processes) + (index < hosts % processes ? 1 : 0))).ToList();
        // All choose first, and then all start: what a test run of several projects comes to.
        await Task.WhenAll(children.Select(static child => child.StandardOutput.ReadLineAsync()));
        children.ForEach(static child => child.StandardInput.WriteLine("start"));
        var reports = await Task.WhenAll(children.Select(static child => child.StandardOutput.ReadLineAsync()));
        children.ForEach(static child => child.StandardInput.Close());
        foreach (var child in children)
            await child.WaitForExitAsync();
        var parts = reports.Select(static report => report!.Split(' ')).ToList();
        var ports = parts.SelectMany(static part => part.Skip(2)).ToList();
        var times = parts.Select(static part => double.Parse(part[1], CultureInfo.InvariantCulture)).Order().ToList();
        var failed = parts.Sum(static part => Number(part[0]));
        var name = way == "find" ? "bind port 0, close, bind it later" : "PortLease.Take()";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {ports.Count} | {failed} | {ports.Distinct().Count()} | {times[times.Count / 2]:0} | {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} |"));
        isWrong |= way == "lease" && (failed > 0 || ports.Distinct().Count() != hosts);
    }
    return isWrong ? 1 : 0;
}

static Process Start(string way, int hosts)
{
    var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
    if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
    foreach (var word in (string[])["child", way, hosts.ToString(CultureInfo.InvariantCulture)])
        start.ArgumentList.Add(word);
    return Process.Start(start)!;
}

static async Task<int> RunChildAsync(string way, int hosts)
{
    var times = new List<double>();
    var leases = new List<PortLease>();
    var ports = new List<int>();
    // Compiles what is timed.
    PortLease.Take().Dispose();
    _ = FindFreePort();
    for (var number = 0; number < hosts; number++)
    {
        var began = Stopwatch.GetTimestamp();
        if (way == "find")
        {
            ports.Add(FindFreePort());
        }
        else
        {
            leases.Add(PortLease.Take());
            ports.Add(leases[^1].Port);
        }
        times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
    }
    Console.WriteLine("chosen");
    Console.ReadLine();
    var apps = new List<WebApplication>();
    var started = new List<int>();
    foreach (var port in ports)
    {
        // Each host would watch its settings file, and a user gets 128 such watches (fs.inotify.max_user_instances).
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        apps.Add(app);
        try
        {
            await app.StartAsync();
            started.Add(port);
        }
        catch (IOException)
        {
            // Somebody else has it: counted below.
            continue;
        }
    }
    times.Sort();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ports.Count - started.Count} {times[times.Count / 2]:0.0} {string.Join(' ', started)}"));
    Console.ReadLine();
    foreach (var app in apps)
        await app.DisposeAsync();
    leases.ForEach(static lease => lease.Dispose());
    return 0;
}

// The shape of the usual snippet.
static int FindFreePort()
{
    using var probe = new TcpListener(IPAddress.Loopback, 0);
    probe.Start();
#pragma warning disable BWC003 // What is measured.
    return ((IPEndPoint)probe.LocalEndpoint).Port;
#pragma warning restore BWC003
}
