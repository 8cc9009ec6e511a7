using System.Globalization;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Supervising;

/// <summary>
/// Supervised calls at random from 64 threads that change addresses, descriptors and credentials under each other: nothing succeeds that the bare kernel
/// would have refused. BINDWISE_RANDOM_CALLS says how many calls, as a million by hand; BINDWISE_SEED where chance begins.
/// </summary>
public sealed class HostileChanceTests
{
    private const UnixFileMode SetUserOfRoot = UnixFileMode.SetUser | (UnixFileMode)0b111_101_101;

    [KernelTheory(Hostile.Compiler)]
    [InlineData("run", "", 3_000)]
    [InlineData("audit", "", 1_500)]
    [InlineData("hold", "kept", 500)]
    [Trait("Seed", "any")]
    [Trait("Lane", "second")]
    public Task Calls_AtRandom_GiveNothingThatTheKernelRefuses(string under, string kept, long calls) => ViolatesNothingAsync(under, kept, calls);

    [KernelTheory(Hostile.Compiler, Timeout = 3_600_000)]
    [InlineData("run", "", 20_000)]
    [InlineData("audit", "", 6_000)]
    [InlineData("hold", "kept", 3_000)]
    [Trait("Lane", "second")]
    public Task Calls_ManyAtRandom_GiveNothingThatTheKernelRefuses(string under, string kept, long calls) =>
        ViolatesNothingAsync(under, kept, Number("BINDWISE_RANDOM_CALLS") ?? calls);

    private static async Task ViolatesNothingAsync(string under, string kept, long calls)
    {
        var seed = Number("BINDWISE_SEED") ?? 20261121;
        foreach (var one in new[] { Hostile.Bare, under })
        {
            await using var host = await TestHost.OpenAsync();
            host.Limit = TimeSpan.FromHours(1);
            var program = Path.Combine(host.Folder, "random_calls");
            ProgramCopy.Make(Hostile.File("random_calls"), program);
            ProgramCopy.Make(program, program + ".root");
            File.SetUnixFileMode(program + ".root", SetUserOfRoot);
            string[] command = [program, Text(seed), Text(calls), .. kept.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            var outcome = await host.RunAsync(Hostile.Command(one, command));
            Assert.True(outcome.Output.StartsWith($"violations 0 of {Text(calls)}\n", StringComparison.Ordinal), Said(one, seed, outcome));
        }
    }

    // The rest of standard error is what a supervisor explains.
    private static string Said(string under, long seed, Outcome outcome)
    {
        var violations = outcome.Error.Split('\n').Where(static line => line.StartsWith("violation: ", StringComparison.Ordinal));
        return $"{under}, BINDWISE_SEED={Text(seed)}: {outcome.Output}\n{string.Join('\n', violations)}";
    }

    private static long? Number(string variable) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
