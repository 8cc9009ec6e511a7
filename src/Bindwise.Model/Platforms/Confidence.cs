namespace Bindwise.Model.Platforms;

/// <summary>How sure a documented rule is. Only <see cref="Verified"/> was ever run by us.</summary>
internal enum Confidence : byte
{
    /// <summary>Read in the source, and held to the running kernel by tests: Linux.</summary>
    Verified,

    /// <summary>Read in the system's source; not run.</summary>
    SourceRead,

    /// <summary>Told by the vendor's documentation; not run.</summary>
    VendorDocument,

    /// <summary>Seen in an issue, a log or a test's text.</summary>
    Issue,

    /// <summary>Known to the authors, without a source that could be cited.</summary>
    Memory,

    /// <summary>No source tells: nothing is claimed.</summary>
    Unknown,
}
