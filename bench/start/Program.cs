using System.Diagnostics;
using System.Globalization;
using System.Runtime;

namespace Bindwise.Start.Benchmarks;

/// <summary>
/// What a fresh process needs once. Each line is a figure: its name, milliseconds, milliseconds of processor time, and the methods that the
/// runtime compiled meanwhile. bench/start/run starts many.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var began = Moment.Now;
        switch (arguments)
        {
            case ["plain" or "bindwise"]:
                await using (await Servers.StartAsync("http://127.0.0.1:8080", with: arguments[0] == "bindwise"))
                    began.Report("listening");
                return 0;
            case ["parts"]:
                await Parts.ReportAsync();
                return 0;
            case ["failure"]:
                Failures.Report();
                return 0;
            default:
                await Console.Error.WriteLineAsync("Usage: plain|bindwise|parts|failure (bench/start/run does that in a namespace).");
                return 2;
        }
    }
}

/// <summary>Where a figure begins.</summary>
/// <param name="Ticks">The time.</param>
/// <param name="Used">How much processor time this process has used so far.</param>
/// <param name="Methods">How many methods the runtime has compiled so far.</param>
internal readonly record struct Moment(long Ticks, TimeSpan Used, long Methods)
{
    /// <summary>This one.</summary>
    public static Moment Now => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, JitInfo.GetCompiledMethodCount());

    /// <summary>Prints the figure that ends now.</summary>
    public void Report(string name)
    {
        var time = Stopwatch.GetElapsedTime(Ticks).TotalMilliseconds;
        var used = (Environment.CpuUsage.TotalTime - Used).TotalMilliseconds;
        var methods = JitInfo.GetCompiledMethodCount() - Methods;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}\t{time:0.000}\t{used:0.000}\t{methods}"));
    }
}
