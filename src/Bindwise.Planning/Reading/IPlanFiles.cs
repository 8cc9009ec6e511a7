namespace Bindwise.Planning.Reading;

/// <summary>The files that a plan is made of. Paths have <c>/</c>; relative ones start where the caller's do.</summary>
internal interface IPlanFiles
{
    PlanFileText Read(string path);

    /// <summary>The names of the regular files in a folder, in order; empty where there is none, or where it may not be read.</summary>
    /// <param name="folder">The folder's path; empty for the one where relative paths start.</param>
    ImmutableArray<string> List(string folder);
}

/// <summary>A file's text, or why there is none.</summary>
/// <param name="Text">The text; null where it could not be read.</param>
/// <param name="Fault">Why it could not be read, one clause; null where it was, and where no such file exists.</param>
internal readonly record struct PlanFileText(string? Text, string? Fault);
