using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Bindwise.Library.Benchmarks;
using Perfolizer.Horology;

Console.Error.WriteLine("This takes a minute; nothing else should run meanwhile.");
var log = new AccumulationLogger();
var config = new ManualConfig()
    .AddJob(Job.Default
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithLaunchCount(1)
        .WithWarmupCount(3)
        .WithIterationTime(TimeInterval.FromMilliseconds(100))
        .WithIterationCount(9))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultConfig.Instance.GetColumnProviders().ToArray())
    .AddLogger(log)
    .WithArtifactsPath(Directory.CreateTempSubdirectory("bindwise-bench-").FullName);
var summary = BenchmarkRunner.Run<Binds>(config);
if (summary.HasCriticalValidationErrors || summary.Reports.Any(static report => !report.Success))
{
    Console.Error.WriteLine(log.GetLog());
    return 2;
}
return BindTable.Write(summary, Console.Out) ? 0 : 1;
