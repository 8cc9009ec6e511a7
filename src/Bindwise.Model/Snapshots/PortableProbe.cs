using Bindwise.Model.Sockets;

namespace Bindwise.Model.Snapshots;

/// <summary>What one bind() through System.Net.Sockets answered; closed at once, never listening.</summary>
/// <param name="Request">What was asked. With a sharing option only where .NET can tell what that bind would give.</param>
/// <param name="Error">0 for success, else the number of System.Net.Sockets.SocketError (WinSock's), on every system; -1 for one that it has no word for.</param>
/// <param name="NativeError">The system's own number of the same: 98 on Linux, 48 on macOS, 10048 on Windows; 0 for success.</param>
/// <param name="IsExclusive">With SO_EXCLUSIVEADDRUSE (Windows): whether anybody at all is there.</param>
public sealed record PortableProbe(BindRequest Request, int Error, int NativeError, bool IsExclusive = false);
