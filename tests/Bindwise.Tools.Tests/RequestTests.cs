using System.Runtime.Versioning;
using IsolatedProcess;

namespace Bindwise.Tools.Tests;

/// <summary>Requests as values: equal when they ask for the same; what nobody can mean is refused at once, by the parameter that the caller gave.</summary>
[SupportedOSPlatform("linux")]
public sealed class RequestTests
{
    private static readonly PortQuery Query = PortQuery.Of(8080);

    private static readonly TimeSpan Negative = TimeSpan.FromTicks(-1);

    public static TheoryData<string> Names => [.. Rows.Keys];

    // What is done, the exception, and words of its sentence.
    private static readonly Dictionary<string, (Type Exception, string Words, Action Do)> Rows = new()
    {
        ["what is waited for is null"] = (typeof(ArgumentException), "One of the queries is null", static () => PortWait.Run(new WaitRequest { Queries = [null!] })),
        ["what is waited for has no target"] = (typeof(ArgumentNullException), "Target and Options", static () => _ = PortWait.RunAsync(new WaitRequest { Queries = [Query with { Target = null! }] })),
        ["what is waited for is an unknown condition"] = (typeof(ArgumentException), "The condition is not known", static () => PortWait.Run(new WaitRequest { Queries = [Query], Until = (WaitCondition)9 })),
        ["what is freed is null"] = (typeof(ArgumentNullException), "Query must not be null", static () => PortRelease.Prepare(new FreeRequest { Query = null! })),
        ["what is freed has a negative grace"] = (typeof(ArgumentOutOfRangeException), "times of zero or more", static () => PortRelease.Prepare(new FreeRequest { Query = Query, GracePeriod = Negative })),
        ["what is freed is waited for in a negative time"] = (typeof(ArgumentOutOfRangeException), "times of zero or more", static () => PortRelease.Prepare(new FreeRequest { Query = Query, Wait = Negative })),
        ["a table's filter has an unknown state"] = (typeof(ArgumentException), "unknown protocol or state", static () => SocketTable.Read(new SocketFilter { States = [(TcpSocketState)40] })),
        ["a pick's lease is negative"] = (typeof(ArgumentException), "A lease is at least zero", static () => PortPicker.Pick(new PortPickRequest { Lease = Negative })),
        ["a pick's range begins with 0"] = (typeof(ArgumentException), "begins with 1", static () => PortPicker.Pick(new PortPickRequest { Range = default(PortRange) })),
    };

    public static TheoryData<object, object, object> Pairs => new()
    {
        { Wait(8080), Wait(8080), Wait(8081) },
        { new SocketFilter { Ports = [new PortRange(1, 2)] }, new SocketFilter { Ports = [new PortRange(1, 2)] }, new SocketFilter { Ports = [new PortRange(1, 3)] } },
        { new SocketListing { Notes = ["one"] }, new SocketListing { Notes = ["one"] }, new SocketListing { Notes = ["two"] } },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Misuse_IsRefused_WithASentence(string what)
    {
        var (type, words, act) = Rows[what];
        Assert.Contains(words, Assert.Throws(type, act).Message, StringComparison.Ordinal);
    }

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
        Assert.Equal("request", Assert.ThrowsAny<ArgumentException>(static () => PortWait.Run(new WaitRequest { Queries = [] })).ParamName);
        Assert.Equal("filter", Assert.ThrowsAny<ArgumentException>(static () => SocketTable.Read(new SocketFilter { Protocols = [] })).ParamName);
    }

    [IsolatedFact]
    public Task InfiniteTimeSpan_IsNoLimit() => Body.RunAsync(static () =>
    {
        var report = PortWait.Run(new WaitRequest { Queries = [PortQuery.Of(1)], Until = WaitCondition.Closed, Timeout = Timeout.InfiniteTimeSpan });
        Assert.True(report.IsMet);
        return Task.CompletedTask;
    });

    private static WaitRequest Wait(int port) => new() { Queries = [PortQuery.Of(port)] };
}
