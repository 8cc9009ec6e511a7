using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Bindwise.Model.Benchmarks;
using Perfolizer.Horology;

Console.Error.WriteLine("This takes some minutes; nothing else should run meanwhile.");
var log = new AccumulationLogger();
var config = new ManualConfig()
    .AddJob(Job.Default
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithLaunchCount(1)
        .WithWarmupCount(3)
        .WithIterationTime(TimeInterval.FromMilliseconds(100))
        .WithIterationCount(7))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultConfig.Instance.GetColumnProviders().ToArray())
    .AddLogger(log)
    .WithArtifactsPath(Directory.CreateTempSubdirectory("bindwise-bench-").FullName);
var summary = BenchmarkRunner.Run<BindDecisions>(config);
if (summary.HasCriticalValidationErrors || summary.Reports.Any(static report => !report.Success))
{
    Console.Error.WriteLine(log.GetLog());
    return 2;
}
var isMet = ResultTable.Write(summary, Console.Out);
Console.WriteLine();
Console.WriteLine(ScenarioSpeed.Measure());
return isMet ? 0 : 1;
