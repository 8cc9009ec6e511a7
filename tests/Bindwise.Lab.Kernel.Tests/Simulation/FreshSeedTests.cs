using Bindwise.Fuzz;
using Bindwise.Kernel.Tests.Isolation;
using Xunit.Abstractions;

namespace Bindwise.Lab.Kernel.Tests.Simulation;

/// <summary>Random scenarios that nobody has seen, on the model and on the running kernel.</summary>
[Trait("Lane", "second")]
[Collection(BusyCollection.Name)]
public sealed class FreshSeedTests(ITestOutputHelper output)
{
    [KernelFact(Timeout = Patience.OfATestMilliseconds)]
    public async Task Scenarios_OfAFreshSeed_GiveTheSameOnModelAndKernel()
    {
        var plan = new FuzzPlan(Seed.Number)
        {
            Duration = TimeSpan.FromSeconds(20),
            MostMismatches = 3,
            ShrinkTime = TimeSpan.FromSeconds(20),
        };
        output.WriteLine($"Bindwise.Fuzz fuzz --seed {plan.Seed}");
        var report = await Task.Run(() => new FuzzRun(KernelHosts.WithModel, new StreamLimits { Patience = Patience.OfAWait }, plan).Play(CancellationToken.None));
        output.WriteLine(FuzzVerdict.Text(report));
        FuzzVerdict.Accept(report);
    }
}
