using System.Collections.Immutable;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>A sentence that people read about "Address already in use", and the experiments that test it.</summary>
/// <param name="Id">Its id, as <c>reuse-time-wait</c>.</param>
/// <param name="Says">The sentence, as it is taught.</param>
/// <param name="Cases">The experiments, each with its own circumstances; at least one.</param>
public sealed record Claim(string Id, string Says, ImmutableArray<ClaimCase> Cases)
{
    /// <summary>What it is about, one word as <c>time-wait</c>: claims are listed by it. Empty for none.</summary>
    public string About { get; init; } = "";

    /// <summary>The numbers of the articles that say so; empty where it is common advice.</summary>
    public ImmutableArray<string> Sources { get; init; } = [];

    /// <summary>What is known to be right, for each system and range of kernels; empty in a file of one's own.</summary>
    public ImmutableArray<RecordedVerdict> Recorded { get; init; } = [];

    /// <summary>Why it is so, in plain words; empty for none.</summary>
    public string Note { get; init; } = "";

    /// <summary>The rules (BW005) and causes (time-wait) whose pages say more.</summary>
    public ImmutableArray<string> See { get; init; } = [];

    /// <summary>What is recorded for a system.</summary>
    /// <param name="system">The system.</param>
    /// <param name="release">Of Linux the kernel's release, as uname -r prints it; elsewhere without meaning.</param>
    /// <returns>Null when nothing is.</returns>
    public RecordedVerdict? RecordedFor(string system, string release)
    {
        foreach (var recorded in Recorded)
        {
            if (recorded.System == system && (system != ClaimSystems.Linux || recorded.Kernels.Includes(release)))
                return recorded;
        }
        return null;
    }
}

/// <summary>One experiment of a claim: a scenario of its own, in which the claim says what a step gives.</summary>
/// <param name="Name">Its name, unique in the claim, as <c>both-set</c>.</param>
/// <param name="When">The circumstances, as the end of a sentence: <c>both sockets had set it</c>.</param>
/// <param name="Scenario">The steps; at least one expectation says what is <see cref="ExpectStep.Claimed"/>.</param>
public sealed record ClaimCase(string Name, string When, Scenario Scenario)
{
    /// <summary>The steps as they stand in the file, with its comments; lines end with <c>\n</c>.</summary>
    public string Text { get; init; } = "";

    /// <summary>The line of the file on which the case begins, from 1.</summary>
    public int Line { get; init; } = 1;
}

/// <summary>What reading a claim file gave: the claim, or what is wrong with the file.</summary>
/// <param name="Claim">The claim; null when there is a fault.</param>
/// <param name="Faults">The faults in the order of the text, up to 20; empty on success.</param>
public sealed record ClaimParse(Claim? Claim, ImmutableArray<ScenarioFault> Faults)
{
    /// <summary>The first fault; null on success.</summary>
    public ScenarioFault? Fault => Faults.IsEmpty ? null : Faults[0];
}
