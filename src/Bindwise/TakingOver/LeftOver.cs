namespace Bindwise;

/// <summary>What to do with passed sockets that a <see cref="TakeOverPlan"/> has no use for: clients could connect to them, and nobody would answer.</summary>
public enum LeftOver
{
    /// <summary>It is an error, which names them.</summary>
    Refuse,

    /// <summary>They are closed here, and told. (The service manager keeps its own copies, and listens on.)</summary>
    Close,

    /// <summary>They are given to the caller, who owns them.</summary>
    Keep,
}
