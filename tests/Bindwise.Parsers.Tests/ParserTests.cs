using System.Globalization;
using Xunit.Abstractions;

namespace Bindwise.Parsers.Tests;

/// <summary>
/// Any bytes give a value or a refusal, never an exception, and in bounded time and memory. Always with the same seed here;
/// <c>eng/fuzz-parsers</c> runs the same with fresh ones, for as long as you like (BINDWISE_FUZZ_SEED, BINDWISE_FUZZ_SECONDS).
/// </summary>
public sealed class ParserTests(ITestOutputHelper output)
{
    private const int Rounds = 400;

    private static readonly int Seed = Number("BINDWISE_FUZZ_SEED") ?? 20261121;

    private static readonly int? Seconds = Number("BINDWISE_FUZZ_SECONDS");

    public static TheoryData<string> Names => [.. Targets.Select(static target => target.Name)];

    private static IReadOnlyList<ParserTarget> Targets { get; } = [.. TextTargets.All, .. FileTargets.All, .. KernelTargets.All, .. PlanTargets.All, .. RecordTargets.All];

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Lane", "second")]
    public void AnyBytes_AreTaken(string name)
    {
        var target = Targets.Single(one => one.Name == name);
        var limit = Seconds is { } seconds ? TimeSpan.FromSeconds((double)seconds / Targets.Count) : Timeout.InfiniteTimeSpan;
        var (tried, slowest, fault) = ParserFuzz.Run(target, Seed, Seconds is null ? Rounds : int.MaxValue, limit < TimeSpan.Zero ? TimeSpan.MaxValue : limit);
        output.WriteLine($"{name}: {tried} inputs, the slowest {slowest.TotalMilliseconds:F0} ms, seed {Seed}");
        Assert.True(fault is null, fault);
    }

    /// <summary>What the lane has found so far.</summary>
    [Theory]
    [InlineData("bind text", "a = tcp ]:8080 listen", 1)]
    [InlineData("snapshot", """{"schema":"bindwise.snapshot/1","options":{"a\\ud800b":1},"entries":[]}""", 1)]
    [InlineData("unit file", "[Socket]\nA=\\\n", 1)]
    [InlineData("unit file", "\\\n", 30_000)]
    public void AnInput_ThatWasOnceAFault_IsTaken(string name, string text, int times)
    {
        var target = Targets.Single(one => one.Name == name);
        var input = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(text, times)));
        Assert.Null(ParserFuzz.Run(target with { Seeds = [input] }, Seed, 1, TimeSpan.MaxValue).Fault);
    }

    [Fact]
    public void EverySeed_HasBytes()
    {
        Assert.All(Targets, target => Assert.All(target.Seeds, seed => Assert.NotEmpty(seed)));
        Assert.Equal(Targets.Count, Targets.Select(static target => target.Name).Distinct().Count());
    }

    [Fact]
    public void AnException_IsFound_AndToldWithItsSeedAndInput()
    {
        var target = ParserTarget.OfLines("x", static bytes => ArgumentOutOfRangeException.ThrowIfNotEqual(bytes[^1], (byte)'\n'), "1 2 3\n");
        var (_, _, fault) = ParserFuzz.Run(target, seed: 7, Rounds, TimeSpan.MaxValue);
        Assert.Contains("x, seed 7, input ", fault, StringComparison.Ordinal);
        Assert.Contains("input (base64): ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TooMuchMemory_IsFound() =>
        Assert.Contains("allocated", ParserFuzz.Run(ParserTarget.OfLines("x", static _ => GC.KeepAlive(new byte[300 * 1024 * 1024]), "1"), 7, 1, TimeSpan.MaxValue).Fault, StringComparison.Ordinal);

    [Fact]
    public void TheSameSeed_MakesTheSameInputs()
    {
        byte[][] seeds = ["a 1 b\nc 2\n"u8.ToArray()];
        var (first, second) = (new Mutator(new Random(7)), new Mutator(new Random(7)));
        for (var i = 0; i < Rounds; i++)
            Assert.Equal(first.Next(seeds), second.Next(seeds));
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
