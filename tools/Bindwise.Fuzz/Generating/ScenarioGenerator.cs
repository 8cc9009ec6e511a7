using System.Globalization;
using Bindwise.Fuzz.Generating.Emitting;
using Bindwise.Fuzz.Generating.Templates;
using Bindwise.Model.Scenarios;
using FsCheck;
using FsCheck.Fluent;

namespace Bindwise.Fuzz.Generating;

/// <summary>
/// Random scenarios over all that the rules speak of. What no rule can decide is kept out by construction. Seed and index alone
/// make a scenario: the same ones give the same steps on every machine (FsCheck's generator is SplitMix64).
/// </summary>
internal static class ScenarioGenerator
{
    private const ushort FirstPort = 2_000;
    private const int PortsPerScenario = 4;
    private const int Blocks = 7_000;

    // SplitMix64's own step and finalizer (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
    private const ulong GoldenGamma = 0x9e3779b97f4a7c15;

    private static readonly Gen<ScenarioDraft>[] Scripts = Array.ConvertAll(Enum.GetValues<ScenarioProfile>(), ScenarioDraft.Of);

    /// <summary>The scenario of a seed and an index.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="index">Which scenario of the run, from 0.</param>
    /// <param name="profile">What it is about.</param>
    internal static Scenario Generate(ulong seed, long index, ScenarioProfile profile = ScenarioProfile.Quick)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)profile, Scripts.Length - 1, nameof(profile));
        var own = Mix(unchecked(Mix(seed) + (ulong)index * GoldenGamma));
        var draft = Scripts[(int)profile].Sample(1, new Rnd(own, GoldenGamma), 1)[0];
        // Scenarios that share a namespace name different ports, for thousands of scenarios in a row.
        var block = (int)((Mix(seed) % Blocks + (ulong)(index % Blocks)) % Blocks);
        return new Scenario(NameOf(seed, index, profile), StepEmitter.Play(draft, (ushort)(FirstPort + block * PortsPerScenario)));
    }

    private static string NameOf(ulong seed, long index, ScenarioProfile profile) => string.Create(
        CultureInfo.InvariantCulture,
        $"fuzz{profile switch { ScenarioProfile.TimeWait => "-time-wait", ScenarioProfile.FinWait2 => "-fin-wait2", _ => "" }}-{seed}-"
            + $"{index}");

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            return value ^ (value >> 31);
        }
    }
}
