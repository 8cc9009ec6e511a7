using Bindwise.Model.Kernels;
using Bindwise.Model.Platforms;

namespace Bindwise.Model.Scenarios.Claims;

/// <summary>A sentence that people read about "Address already in use", and the experiments that test it.</summary>
/// <param name="Id">Its id, as <c>reuse-time-wait</c>.</param>
/// <param name="Cases">The experiments, each with its own circumstances; at least one.</param>
internal sealed record Claim(string Id, string Says, ImmutableArray<ClaimCase> Cases)
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

    /// <param name="release">Of Linux the kernel's release, as uname -r prints it; elsewhere without meaning.</param>
    public RecordedVerdict? RecordedFor(string system, string release) => Recorded.FirstOrDefault(
        recorded => recorded.System == system && (system != ClaimSystems.Linux || recorded.Kernels.Includes(release)));
}

/// <summary>One experiment of a claim: a scenario of its own, in which the claim says what a step gives.</summary>
/// <param name="Name">Its name, unique in the claim, as <c>both-set</c>.</param>
/// <param name="When">The circumstances, as the end of a sentence: <c>both sockets had set it</c>.</param>
/// <param name="Scenario">The steps; at least one expectation says what is <see cref="ExpectStep.Claimed"/>.</param>
/// <param name="Text">The steps as they stand in the file, with its comments; lines end with <c>\n</c>.</param>
/// <param name="Line">The line of the file on which the case begins, from 1.</param>
internal sealed record ClaimCase(string Name, string When, Scenario Scenario, string Text = "", int Line = 1);

/// <summary>What reading a claim file gave: the claim, or what is wrong with the file.</summary>
/// <param name="Claim">The claim; null when there is a fault.</param>
/// <param name="Faults">The faults in the order of the text, up to 20; empty on success.</param>
internal sealed record ClaimParse(Claim? Claim, ImmutableArray<ScenarioFault> Faults)
{
    public ScenarioFault? Fault => Faults.FirstOrDefault();
}

/// <summary>The systems that a verdict may be recorded for.</summary>
internal static class ClaimSystems
{
    /// <summary>The one whose rules the model has, and on whose kernel claims are played.</summary>
    public const string Linux = "linux";

    /// <summary>The release of Linux whose rules the model has.</summary>
    public static string ModelRelease { get; } = KernelRelease.Documented.ToString();

    /// <summary>All of them: linux, then those of which only documents speak.</summary>
    public static ImmutableArray<string> All { get; } = [.. PlatformProfiles.All.Select(static profile => profile.Id)];
}

/// <summary>What an experiment says of a claim. Always worked out from the cases that were played, never taken from the file.</summary>
internal enum ClaimVerdict : byte
{
    /// <summary>The claim holds in none of its cases.</summary>
    False,

    /// <summary>It holds in some cases and fails in others.</summary>
    Conditional,

    /// <summary>The claim holds in every one of its cases.</summary>
    True,

    /// <summary>It could not be told: a case has no answer there, as where the documents of a system leave a rule open.</summary>
    Unknown,
}

/// <summary>A step about which a claim says something, and what one host gave.</summary>
/// <param name="Index">The index of the expectation that says it, from 0.</param>
/// <param name="Step">The step that decided: of those that the expectation covers the first that failed, else the last.</param>
internal sealed record ClaimedResult(int Index, Step Step, int StepIndex, StepResult Given, string Claimed)
{
    /// <summary>The result of a step that the documents of a system leave open.</summary>
    public const string Open = PlatformRuling.Unknown;

    /// <summary>The claim is right about it; null where the host has no answer.</summary>
    public bool? IsMet => Given.Result == Open ? null : Given.Result == Claimed;
}

/// <summary>What is known to be right of a claim on a system: what an experiment is compared with.</summary>
/// <param name="Kernels">The Linux releases that it is about; <see cref="KernelRange.All"/> for all, and on other systems.</param>
/// <param name="HoldsIn">The names of the cases in which a conditional claim holds, in the file's order; empty for any other
/// verdict.</param>
internal sealed record RecordedVerdict(string System, KernelRange Kernels, ClaimVerdict Verdict, ImmutableArray<string> HoldsIn)
{
    private readonly EquatableArray<string> _holdsIn = HoldsIn;

    public ImmutableArray<string> HoldsIn { get => _holdsIn; init => _holdsIn = value; }
}

/// <summary>Claims as text: a .bind file that starts with <c>claim ID</c>. docs/lab.md says how to write one.</summary>
internal static class ClaimText
{
    /// <summary>A longer text is refused: 1 Mi characters.</summary>
    public const int MaximumChars = 1024 * 1024;

    public const int MaximumCases = 64;

    /// <summary>The first word of the text that is no comment is <c>claim</c>: it is a claim file, and no scenario.</summary>
    public static bool IsClaim(ReadOnlySpan<char> text)
    {
        foreach (var range in text.TrimStart('\uFEFF').Split('\n'))
        {
            var line = text.TrimStart('\uFEFF')[range].Trim();
            if (line.IsEmpty || line[0] == '#')
                continue;
            return line.StartsWith(ClaimWords.Claim)
                && (line.Length == ClaimWords.Claim.Length || char.IsWhiteSpace(line[ClaimWords.Claim.Length]));
        }
        return false;
    }

    /// <summary>Reads a file. Never throws, whatever the text.</summary>
    public static ClaimParse Parse(string text) =>
        text.Length > MaximumChars
            ? new ClaimParse(null, [new ScenarioFault("the file is larger than 1 MiB; split the claim")])
            : new ClaimReader().Read(text.TrimStart('\uFEFF'));
}
