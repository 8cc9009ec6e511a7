namespace Bindwise;

/// <summary>Listening sockets could not be handed over. The instance that had them serves on.</summary>
/// <param name="message">One sentence: what, why, and what to do.</param>
public sealed class HandOverException(string message) : Exception(message), IBindwiseException
{
    internal HandOverFailure Failure { get; init; }

    /// <summary>The other end's process, of a connection that it closed; 0 where it is not known.</summary>
    internal int Process { get; init; }
}
