namespace Bindwise.Model.Scenarios.Claims;

/// <summary>What an experiment says of a claim. Always worked out from the cases that were played, never taken from the file.</summary>
public enum ClaimVerdict : byte
{
    /// <summary>It holds in no case.</summary>
    False,

    /// <summary>It holds in some cases and fails in others.</summary>
    Conditional,

    /// <summary>It holds in every case.</summary>
    True,

    /// <summary>It could not be told: a case has no answer there, as where the documents of a system leave a rule open.</summary>
    Unknown,
}
