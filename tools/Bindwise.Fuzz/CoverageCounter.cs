using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Bindwise.Model.Scenarios;

namespace Bindwise.Fuzz;

/// <summary>Counts what scenarios met. Not for two threads at once.</summary>
internal sealed class CoverageCounter
{
    private readonly Dictionary<string, CoverageCount>[] _counts = [.. Enum.GetValues<CoverageKind>()
        .Select(static _ => new Dictionary<string, CoverageCount>())];

    /// <summary>
    /// Starts with a row of zero for every op of random scenarios, every option and sysctl, and for the rules that ought to be met.
    /// </summary>
    /// <param name="rules">The rules that scenarios can reach.</param>
    public CoverageCounter(IEnumerable<Rule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Expect(CoverageKind.Op, StepOps.Drawn);
        Expect(CoverageKind.Option, SocketOptionNames.All);
        Expect(CoverageKind.Sysctl, ScenarioSysctls.All.Select(static sysctl => sysctl.Name));
        Expect(CoverageKind.Rule, rules.Select(static rule => rule.Id.Value));
    }

    /// <summary>How many scenarios were counted.</summary>
    public long Scenarios { get; private set; }

    /// <summary>How many of their steps were played.</summary>
    public long Steps { get; private set; }

    /// <summary>Counts one scenario; what an error cut off is not counted.</summary>
    internal void Add(ScenarioResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Scenarios++;
        var onModel = false;
        var onKernel = false;
        foreach (var outcome in result.Steps)
        {
            if (outcome.Step is ExpectStep)
                continue;
            Steps++;
            onModel |= outcome.Model is not null;
            onKernel |= outcome.Kernel is not null;
            Add(outcome);
        }
        onKernel &= !result.IsMismatch;
        foreach (var state in result.States)
            Add(CoverageKind.State, TcpStateNames.Of(state, Protocol.Tcp), onModel, onKernel);
    }

    /// <summary>The counts of one kind, in ordinal order of their names.</summary>
    public ImmutableArray<KeyValuePair<string, CoverageCount>> Of(CoverageKind kind) =>
        [.. _counts[(int)kind].OrderBy(static count => count.Key, StringComparer.Ordinal)];

    private void Add(StepOutcome outcome)
    {
        var (model, kernel) = (outcome.Model, outcome.Kernel);
        var (onModel, onKernel) = (model is not null, kernel is not null);
        Add(CoverageKind.Op, StepOps.Of(outcome.Step), onModel, onKernel);
        if (outcome.Step is SetStep set)
            Add(CoverageKind.Option, SocketOptionNames.Of(set.Option), onModel, onKernel);
        if (outcome.Step is SysctlStep sysctl)
            Add(CoverageKind.Sysctl, sysctl.Name, onModel, onKernel);
        if (model?.Rule is { } rule)
            Add(CoverageKind.Rule, rule, onModel, onKernel && !outcome.IsMismatch);
        if (model is not null)
            Add(CoverageKind.Result, model.Result, true, false);
        if (kernel is not null)
            Add(CoverageKind.Result, kernel.Result, false, true);
    }

    private void Add(CoverageKind kind, string name, bool onModel, bool onKernel)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts[(int)kind], name, out _);
        count = new CoverageCount(count.Model + (onModel ? 1 : 0), count.Kernel + (onKernel ? 1 : 0));
    }

    private void Expect(CoverageKind kind, IEnumerable<string> names)
    {
        foreach (var name in names)
            _counts[(int)kind].TryAdd(name, default);
    }
}

/// <summary>What a coverage count groups by.</summary>
internal enum CoverageKind : byte
{
    /// <summary>Steps by what they do (<c>bind</c>, <c>listen</c>).</summary>
    Op,

    /// <summary>Options that were set, by name.</summary>
    Option,

    /// <summary>Sysctls that were written, by name.</summary>
    Sysctl,

    /// <summary>Rules that decided a step, by id.</summary>
    Rule,

    /// <summary>TCP states that a socket was in, by name, once a scenario.</summary>
    State,

    /// <summary>Results of steps: <c>ok</c> and the names of errnos.</summary>
    Result,
}

/// <summary>How often something was met.</summary>
/// <param name="Model">On the model.</param>
/// <param name="Kernel">
/// On the kernel. For rules and states, which the kernel does not tell: where the kernel played the same and gave the same results.
/// </param>
internal readonly record struct CoverageCount(long Model, long Kernel);
