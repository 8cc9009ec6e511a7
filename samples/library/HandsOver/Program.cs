// A web application that is replaced while it serves: start it twice, and the second one takes the listening sockets of the first, which finishes
// its connections and ends. kill -HUP makes it start its own successor. No connection is refused.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

var builder = WebApplication.CreateBuilder(args);
builder.UseBindwise(static options => options.HandOver.Path ??= Path.Combine(Path.GetTempPath(), "hands-over.sock"));

var app = builder.Build();
app.MapGet("/", static () => $"hello from {Environment.ProcessId}\n");
app.MapGet("/slow", static async cancellation =>
{
    using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
    _ = await second.WaitForNextTickAsync(cancellation.RequestAborted);
});
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static signal =>
{
    // It goes on: until its successor is ready, it serves.
    signal.Cancel = true;
    StartSuccessor();
});
app.Run();

static void StartSuccessor()
{
    // As "dotnet HandsOver.dll" the first word is the program's own; as an executable it is that executable.
    var program = Environment.ProcessPath!;
    var words = Environment.GetCommandLineArgs();
    using var successor = Process.Start(program, Path.GetFileName(program) == "dotnet" ? words : words[1..]);
}
