namespace Bindwise;

/// <summary>What to do with passed sockets that a <see cref="TakeOverPlan"/> does not use: clients could connect to them, and get no answer.</summary>
public enum LeftOver
{
    /// <summary>An error that names them.</summary>
    Refuse,

    /// <summary>They are closed here, and reported. (The service manager keeps its own copies, and goes on listening.)</summary>
    Close,

    /// <summary>The caller gets and owns them.</summary>
    Keep,
}
