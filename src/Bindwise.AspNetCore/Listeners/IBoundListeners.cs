using System.Collections.Immutable;

namespace Bindwise.AspNetCore;

/// <summary>
/// The listeners that were added with <c>AddListener</c>: bound, all or none, before the host starts its services, and closed when it has stopped
/// them. Who takes connections from one does not dispose of it.
/// </summary>
public interface IBoundListeners
{
    /// <summary>A listener by its name.</summary>
    /// <param name="name">The name that it was added with.</param>
    /// <exception cref="KeyNotFoundException">None was added with that name.</exception>
    /// <exception cref="InvalidOperationException">The host has not started yet, or has stopped.</exception>
    BoundListener this[string name] { get; }

    /// <summary>The names, in the order in which they were added.</summary>
    ImmutableArray<string> Names { get; }
}
