using System.Net;
using System.Net.Sockets;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Portable;

/// <summary>
/// Asks the system by real binds, as few and as harmless as tell something: the plain one first, since what works plainly works with a
/// sharing option too. Sharing options are tried on TCP over Unix only: on Windows SO_REUSEADDR takes a port over, and a UDP socket that
/// shares takes datagrams.
/// </summary>
/// <param name="interfaces">The interfaces, to find a scope by its name.</param>
/// <param name="notes">Takes what could not be done.</param>
internal sealed class PortableProber(HostSystem system, ImmutableArray<InterfaceRecord> interfaces, List<string> notes)
{
    /// <summary>Answers the binds that were asked about and, where they fail, the same with SO_REUSEADDR.</summary>
    public ImmutableArray<PortableProbe> Ask(RequestPlan plan)
    {
        var answers = new List<PortableProbe>();
        foreach (var request in plan.Asked)
            answers.AddRange(Answers(request));
        if (answers.Exists(static a => IsInUse(a)) && MayShare(plan.Asked[0]))
            answers.AddRange(plan.Others.Where(static r => r is { ReuseAddress: true, ReusePort: false }).SelectMany(Answers));
        if (system == HostSystem.Windows)
            answers.AddRange(
                plan.Asked.Where(r => answers.Exists(a => a.Request == r && a.Error == 0)).Select(Exclusive).OfType<PortableProbe>());
        return [.. answers];
    }

    /// <summary>What a bind() gives, and what it gives plainly; none where .NET cannot tell.</summary>
    private IEnumerable<PortableProbe> Answers(BindRequest request)
    {
        if (request is { Device: not null } or { Freebind: true } || ScopeOf(request) is not { } scope
            || Result(request, PortableBind.Try(request, scope, PortableSharing.None)) is not { } plain)
            yield break;
        if (!IsInUse(plain) || request is { ReuseAddress: false, ReusePort: false })
        {
            yield return plain;
            yield break;
        }
        yield return plain with { Request = request with { ReuseAddress = false, ReusePort = false } };
        if (!MayShare(request) || Result(request,
            PortableBind.Try(request, scope, request.ReusePort ? PortableSharing.Both : PortableSharing.Address)) is not { } shared)
            yield break;
        // .NET sets SO_REUSEPORT only with SO_REUSEADDR: where even both do not help, one of them does not either.
        if (shared.Error != 0 || request is not { ReuseAddress: false, ReusePort: true })
            yield return shared;
    }

    private PortableProbe? Exclusive(BindRequest request) =>
        ScopeOf(request) is { } scope && Result(request, PortableBind.Try(request, scope, PortableSharing.Exclusive)) is { } result
        ? result with { IsExclusive = true }
        : null;

    private PortableProbe? Result(BindRequest request, PortableBind.Outcome outcome)
    {
        if (outcome.Obstacle is null)
            return new PortableProbe(request, outcome.Error, outcome.NativeError);
        notes.Add(outcome.Obstacle);
        return null;
    }

    private bool MayShare(BindRequest request) => request.Protocol == Protocol.Tcp && system != HostSystem.Windows;

    private static bool IsInUse(PortableProbe probe) => probe.Error is PortableBind.AddressInUse;

    private long? ScopeOf(BindRequest request)
    {
        if (request.Scope is not { } name)
            return 0;
        if (uint.TryParse(name, out var index))
            return index;
        if (interfaces.FirstOrDefault(i => i.Name == name) is { } found)
            return found.Index;
        notes.Add($"there is no interface {name}");
        return null;
    }
}

/// <summary>Which sharing options a bind() is made with.</summary>
internal enum PortableSharing
{
    None,

    /// <summary>SO_REUSEADDR (Unix).</summary>
    Address,

    /// <summary>SO_REUSEADDR and SO_REUSEPORT, which .NET sets together (Unix).</summary>
    Both,

    /// <summary>SO_EXCLUSIVEADDRUSE (Windows).</summary>
    Exclusive,
}

/// <summary>One bind() through System.Net.Sockets, closed at once. It never listens, connects or sends.</summary>
internal static class PortableBind
{
    public const int AddressInUse = (int)SocketError.AddressAlreadyInUse;

    /// <param name="Error">SocketError's number; 0 for success.</param>
    /// <param name="Obstacle">Why it could not be tried, one line; null when it was.</param>
    public readonly record struct Outcome(int Error, int NativeError, string? Obstacle = null);

    public static Outcome Try(BindRequest request, long scope, PortableSharing sharing)
    {
        try
        {
            var isV6 = request.Address.Family == IpFamily.IPv6;
            using var socket = new Socket(isV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork,
                request.Protocol == Protocol.Udp ? SocketType.Dgram : SocketType.Stream, TransportOf(request.Protocol, sharing));
            if (isV6)
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.IPv6Only, IsV6Only(request) ? 1 : 0);
            // The framework sets SO_REUSEPORT as well for this one (Unix).
            if (sharing == PortableSharing.Both)
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            if (sharing == PortableSharing.Exclusive)
                socket.ExclusiveAddressUse = true;
            socket.Bind(new IPEndPoint(AddressOf(request.Address, scope), request.Port));
            return default;
        }
        catch (SocketException e)
        {
            return new Outcome((int)e.SocketErrorCode, e.NativeErrorCode);
        }
        catch (Exception e) when (e is PlatformNotSupportedException or ArgumentException or NotSupportedException)
        {
            return new Outcome(0, 0, "could not try a bind(): " + e.Message.ReplaceLineEndings(" "));
        }
    }

    /// <summary>
    /// On Unix the framework sets SO_REUSEADDR before each bind() of a socket that it knows as TCP (SystemNative_Bind, pal_networking.c),
    /// and so would measure something else. It does not for one whose protocol is left to the system, which for a stream is TCP as well. On
    /// Windows it sets nothing.
    /// </summary>
    private static ProtocolType TransportOf(Protocol protocol, PortableSharing sharing) =>
        protocol == Protocol.Udp ? ProtocolType.Udp
            : sharing is PortableSharing.Address or PortableSharing.Both ? ProtocolType.Tcp : ProtocolType.Unspecified;

    // What a program gets that does not set the option: IPv6 alone on Windows, both families elsewhere (OpenBSD and FreeBSD differ).
    private static bool IsV6Only(BindRequest request) => request.V6Only ?? OperatingSystem.IsWindows();

    private static IPAddress AddressOf(IpAddress address, long scope)
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = address.WriteTo(bytes);
        var made = new IPAddress(bytes[..length]);
        if (scope != 0 && address.Family == IpFamily.IPv6)
            made.ScopeId = scope;
        return made;
    }
}
