using System.Collections.Immutable;

namespace Bindwise;

/// <summary>The listeners of a <see cref="TakeOverPlan"/>, all of them bound. The caller owns what stands here.</summary>
/// <param name="Listeners">In the order of the plan.</param>
/// <param name="LeftOver">Passed sockets that are none of them: open for <see cref="LeftOver.Keep"/>, closed for <see cref="LeftOver.Close"/>.</param>
public sealed record TakeOverResult(ImmutableArray<TakenListener> Listeners, ImmutableArray<InheritedSocket> LeftOver);

/// <summary>One of them.</summary>
/// <param name="Listener">The listener; its request is null where all its sockets were passed.</param>
/// <param name="PassedSockets">How many of its sockets were passed; 0 where it was bound here.</param>
/// <param name="Differences">
/// Options of passed sockets that are others than the request asks for, one sentence each: bound sockets keep theirs. Empty where there are none.
/// </param>
public sealed record TakenListener(BoundListener Listener, int PassedSockets, ImmutableArray<string> Differences);
