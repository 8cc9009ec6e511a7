// A small app host that gives ports as .NET Aspire's orchestrator (DCP) does, with real processes: what the two pieces that a team copies do when a fixed
// port is taken. One is FixedPorts.cs here, the other is the end of the resource's program (samples/library/AppHostWeb). docs/aspire.md has the story.
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Bindwise.Samples;
using Bindwise.Tools;

const string Usage = "usage: AppHost [--unchecked] proxied|direct PORT PROGRAM [ARGUMENT...]";
var isChecked = args is not ["--unchecked", ..];
if ((isChecked ? args : args[1..]) is not [("proxied" or "direct") and var mode, var number, var program, .. var arguments]
    || !ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
{
    await Console.Error.WriteLineAsync(Usage);
    return 2;
}
if (!OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync("This sample needs Linux: it gives ports to its resource with PortPicker.");
    return 2;
}
using var stopping = new CancellationTokenSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

// Before anything is started: after that the orchestrator's own proxy may have the port.
if (isChecked && await FixedPorts.WhyNotAsync(port, stopping.Token) is { } reason)
{
    Console.WriteLine(reason);
    Console.WriteLine($"web: FailedToStart, its endpoint needs port {port}");
    return 1;
}

// Proxied: the orchestrator listens on the fixed port, and the resource gets another. Direct (IsProxied = false): the resource gets the fixed port itself.
using var picked = mode == "proxied" ? PortPicker.Pick() : null;
var target = picked?.Ports[0].Number ?? port;
using var proxy = picked is null ? null : StartProxy(port);
var forwarding = proxy?.ForwardAsync(target, stopping.Token);

using var resource = Process.Start(new ProcessStartInfo(program, arguments)
{
    RedirectStandardOutput = true,
    RedirectStandardError = true,
    Environment = { ["ASPNETCORE_URLS"] = $"http://localhost:{target}" },
})!;
Console.WriteLine($"web: Running, process {resource.Id}, http://localhost:{port}");
var log = Task.WhenAll(ShowAsync(resource.StandardOutput), ShowAsync(resource.StandardError));
try
{
    await resource.WaitForExitAsync(stopping.Token);
}
catch (OperationCanceledException)
{
    resource.Kill();
    await resource.WaitForExitAsync();
}
await log;
Console.WriteLine($"web: Exited, code {resource.ExitCode}");
return resource.ExitCode;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}

// An orchestrator whose proxy fails tells its own log, and the resource runs all the same.
static PortProxy? StartProxy(int port)
{
    try
    {
        return new PortProxy(port);
    }
    catch (SocketException exception)
    {
        Console.WriteLine($"could not start the proxy for the service: listen tcp localhost:{port}: {exception.Message}");
        return null;
    }
}

static async Task ShowAsync(StreamReader reader)
{
    while (await reader.ReadLineAsync() is { } line)
        Console.WriteLine("[web] " + line);
}
