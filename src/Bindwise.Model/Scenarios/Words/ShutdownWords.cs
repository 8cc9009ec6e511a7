namespace Bindwise.Model.Scenarios.Words;

/// <summary>The words for shutdown's directions, in one place.</summary>
internal static class ShutdownWords
{
    /// <summary>All of them.</summary>
    public static readonly (string Word, ShutdownHow How)[] All = [("read", ShutdownHow.Read), ("write", ShutdownHow.Write), ("both", ShutdownHow.Both)];

    /// <summary>The word for a direction.</summary>
    public static string Of(ShutdownHow how) => Array.Find(All, row => row.How == how).Word;
}
