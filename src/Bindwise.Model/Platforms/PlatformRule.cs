namespace Bindwise.Model.Platforms;

/// <summary>A rule by which a system decides, as its documents or its source tell it.</summary>
/// <param name="Id">The stable id: <c>BSD-A</c>, <c>WIN-1</c>, or a rule of ours on Linux (<c>BW004</c>).</param>
/// <param name="Citation">Where it stands: a file with its revision, or a document.</param>
internal sealed record PlatformRule(string Id, string Sentence, string Citation, Confidence Confidence);
