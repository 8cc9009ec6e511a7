using System.Collections.Immutable;

namespace Bindwise;

/// <summary>The listeners of a <see cref="TakeOverPlan"/>, all of them bound. The caller owns them.</summary>
/// <param name="Listeners">In the order of the plan.</param>
/// <param name="LeftOver">Passed sockets that are not in the plan: open for <see cref="LeftOver.Keep"/>, closed for <see cref="LeftOver.Close"/>.</param>
public sealed record TakeOverResult(ImmutableArray<TakenListener> Listeners, ImmutableArray<InheritedSocket> LeftOver);

/// <summary>A listener that was passed or bound.</summary>
/// <param name="Listener">The listener; its request is null if all its sockets were passed.</param>
/// <param name="PassedSockets">How many of its sockets were passed; 0 if it was bound here.</param>
/// <param name="Differences">
/// Options of passed sockets that differ from the request, one sentence each: bound sockets keep theirs. Empty if there are none.
/// </param>
public sealed record TakenListener(BoundListener Listener, int PassedSockets, ImmutableArray<string> Differences);
