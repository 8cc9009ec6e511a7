namespace Bindwise.Model.Platforms;

/// <summary>How sure a documented rule is. Only <see cref="Verified"/> was ever run by us.</summary>
public enum Confidence : byte
{
    /// <summary>Read in the source, and held to the running kernel by tests: Linux.</summary>
    Verified,

    /// <summary>Read in the system's source; not run.</summary>
    SourceRead,

    /// <summary>Told by the vendor's documentation; not run.</summary>
    VendorDocument,

    /// <summary>Seen in an issue, a log or a test's text.</summary>
    Issue,

    /// <summary>From memory alone.</summary>
    Memory,

    /// <summary>No source tells.</summary>
    Unknown,
}

/// <summary>The words for how sure a rule is.</summary>
public static class ConfidenceNames
{
    /// <summary>The words, as the matrix and docs/systems.md print them.</summary>
    public static string Of(Confidence sureness) => sureness switch
    {
        Confidence.Verified => "played live",
        Confidence.SourceRead => "source read",
        Confidence.VendorDocument => "vendor document",
        Confidence.Issue => "issue or log",
        Confidence.Memory => "memory",
        _ => "unknown",
    };
}
