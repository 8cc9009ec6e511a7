using Bindwise.Fuzz;
using Bindwise.Fuzz.Generating;
using Bindwise.Kernel.Tests.Isolation;
using Xunit.Abstractions;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>TIME_WAIT comes to its end: random scenarios that wait 66 s in their middle, all at the same time.</summary>
[Trait("Lane", "second")]
[Trait("Seed", "any")]
public sealed class TimeWaitBatchTests(ITestOutputHelper output)
{
    private const int Batch = 2_200;

    // The waits overlap; a machine that needs minutes to begin them all still has time for the last one's.
    private const int Seconds = 480;

    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public async Task Scenarios_ThatWaitForTheEndOfTimeWait_GiveTheSameOnModelAndKernel()
    {
        var plan = new FuzzPlan(Seed.Number)
        {
            Profile = ScenarioProfile.TimeWait,
            Count = Batch,
            Duration = TimeSpan.FromSeconds(Seconds),
            MostMismatches = 1,
            ShrinkTime = TimeSpan.FromSeconds(70),
        };
        output.WriteLine($"Bindwise.Fuzz fuzz --profile time-wait --count {Batch} --seconds {Seconds} --seed {plan.Seed}");
        var report = await Task.Run(() => new FuzzRun(KernelHosts.WithModel, new StreamLimits(), plan).Play(CancellationToken.None));
        output.WriteLine(FuzzVerdict.Text(report));
        FuzzVerdict.Accept(report);
        Assert.InRange(report.Coverage.Scenarios, Batch, Batch);
    }
}
