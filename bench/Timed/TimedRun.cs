using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Bindwise.Timed;

/// <summary>Benchmarks in this process: namespaces that it was started in hold for them too, and nothing is built anew.</summary>
internal static class TimedRun
{
    /// <summary>Runs all of a class, with times and bytes.</summary>
    /// <returns>What was measured; null when it could not be, which is then told on standard error.</returns>
    public static Summary? Of<T>(int iterations)
    {
        var log = new AccumulationLogger();
        var artifacts = Directory.CreateTempSubdirectory("bindwise-bench-");
        var config = new ManualConfig()
            .AddJob(Job.Default
                .WithToolchain(InProcessEmitToolchain.Instance)
                .WithLaunchCount(1)
                .WithWarmupCount(3)
                .WithIterationTime(TimeInterval.FromMilliseconds(100))
                .WithIterationCount(iterations))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(DefaultConfig.Instance.GetColumnProviders().ToArray())
            .AddLogger(log)
            .WithArtifactsPath(artifacts.FullName);
        var summary = BenchmarkRunner.Run<T>(config);
        artifacts.Delete(recursive: true);
        if (!summary.HasCriticalValidationErrors && summary.Reports.All(static report => report.Success))
            return summary;
        Console.Error.WriteLine(log.GetLog());
        return null;
    }
}
