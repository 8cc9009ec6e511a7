namespace Bindwise.Model.Platforms;

/// <summary>A rule by which a system decides, as its documents or its source tell it.</summary>
/// <param name="Id">The stable id: <c>BSD-A</c>, <c>WIN-1</c>, or a rule of ours on Linux (<c>BW004</c>).</param>
/// <param name="Sentence">The rule in one sentence.</param>
/// <param name="Citation">Where it stands: a file with its revision, or a document.</param>
/// <param name="Confidence">How sure it is.</param>
internal sealed record PlatformRule(string Id, string Sentence, string Citation, Confidence Confidence);
