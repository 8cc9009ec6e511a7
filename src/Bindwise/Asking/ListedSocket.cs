using System.Collections.Immutable;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Sockets;

namespace Bindwise;

/// <summary>A socket of a listing.</summary>
/// <param name="Socket">The socket.</param>
/// <param name="Owners">The processes that hold it; empty if you did not ask for them, or none is visible.</param>
public sealed record ListedSocket(HeldSocket Socket, ImmutableArray<Owner> Owners);
