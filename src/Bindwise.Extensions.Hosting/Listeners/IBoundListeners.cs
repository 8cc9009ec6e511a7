namespace Bindwise.Extensions.Hosting;

/// <summary>The listeners that were added with <c>AddListener</c>: bound, all or none, before the host starts its services, and closed when
/// it has stopped them. Do not dispose them yourself.</summary>
public interface IBoundListeners
{
    /// <summary>The listener with this name.</summary>
    /// <param name="name">The name given when it was added.</param>
    /// <exception cref="KeyNotFoundException">No listener has that name.</exception>
    /// <exception cref="InvalidOperationException">The host has not started yet, or has stopped.</exception>
    BoundListener this[string name] { get; }

    /// <summary>The names, in the order in which they were added.</summary>
    ImmutableArray<string> Names { get; }
}
