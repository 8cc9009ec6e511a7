using System.Collections.Immutable;
using System.Net;
using System.Runtime.Versioning;

namespace Bindwise.Tests;

/// <summary>Requests as values: equal when they ask for the same, refused by the name of the parameter that the caller gave.</summary>
[SupportedOSPlatform("linux")]
public sealed class RecordTests
{
    public static TheoryData<object, object, object> Pairs => new()
    {
        { Plan(8080), Plan(8080), Plan(8081) },
        { Child("a"), Child("a"), Child("b") },
        { Wait(8080), Wait(8080), Wait(8081) },
        { new SocketFilter { Ports = [new PortRange(1, 2)] }, new SocketFilter { Ports = [new PortRange(1, 2)] }, new SocketFilter { Ports = [new PortRange(1, 3)] } },
        { new SocketListing { Notes = ["one"] }, new SocketListing { Notes = ["one"] }, new SocketListing { Notes = ["two"] } },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Records_WithLists_AreEqualByTheirElements(object one, object same, object other)
    {
        Assert.NotSame(one, same);
        Assert.Equal(one, same);
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Faults_NameTheParameterOfTheCall()
    {
        var wrong = ListenRequest.On(IPAddress.Loopback, 0) with { Retry = new BindRetryOptions { InitialDelay = TimeSpan.Zero } };
        Assert.Equal("request", Assert.ThrowsAny<ArgumentException>(() => Listener.Bind(wrong)).ParamName);
        Assert.Equal("requests", Assert.ThrowsAny<ArgumentException>(() => Listener.BindAll(wrong)).ParamName);
        Assert.Equal("request", Assert.ThrowsAny<ArgumentException>(() => Listener.Bind(wrong with { Retry = BindRetryOptions.None, Settings = new SocketSettings { Backlog = 0 } })).ParamName);
        Assert.Equal("last", Assert.ThrowsAny<ArgumentException>(static () => PortPolicy.Range(1, 70_000)).ParamName);
        Assert.Equal("ports", Assert.ThrowsAny<ArgumentException>(static () => PortPolicy.FirstFree(70_000)).ParamName);
        Assert.Equal("port", Assert.ThrowsAny<ArgumentException>(static () => PortPolicy.Exactly(70_000)).ParamName);
    }

    [Fact]
    public void InfiniteTimeSpan_IsNoLimit()
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, CloseStrategy.PeerFirst(Timeout.InfiniteTimeSpan).Timeout);
        Assert.Equal("HalfClose (no timeout)", CloseStrategy.HalfClose(Timeout.InfiniteTimeSpan).ToString());
    }

    private static WaitRequest Wait(int port) => new() { Queries = [PortQuery.Of(port)] };

    private static SocketActivationOptions Plan(int port) => SocketActivationOptions.Of(ListenRequest.On(IPAddress.Loopback, port));

    private static ChildServerOptions Child(string argument) => new()
    {
        Program = "p",
        Arguments = [argument],
        Environment = ImmutableDictionary<string, string?>.Empty.Add("A", argument),
        Sockets = ImmutableArray<ChildSocket>.Empty,
    };
}
