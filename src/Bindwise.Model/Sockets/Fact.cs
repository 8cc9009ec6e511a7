namespace Bindwise.Diagnostics;

/// <summary>What is known of a socket's option. Unknown is a value of its own: it never defaults to No.</summary>
public enum Fact : byte
{
    /// <summary>Could not be read: a TIME_WAIT, an orphan, or an owner that may not be traced.</summary>
    Unknown,

    /// <summary>Known to be off, or not so.</summary>
    No,

    /// <summary>Known to be on, or so.</summary>
    Yes,
}

internal static class FactExtensions
{
    extension(Fact)
    {
        internal static Fact Of(bool isSo) => isSo ? Fact.Yes : Fact.No;
    }
}
