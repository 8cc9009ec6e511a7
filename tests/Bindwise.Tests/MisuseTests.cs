using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Bindwise.Tests;

/// <summary>Options that the compiler lets through and nobody can mean: each is refused at once, by the exception for its kind, with a sentence.</summary>
public sealed class MisuseTests
{
    private static readonly Socket Any = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    private static readonly ChildServerOptions Child = new() { Program = "/bin/true", Sockets = [new ChildSocket(Any, "web")] };

    private static readonly PortQuery Question = PortQuery.Of(8080);

    private static readonly TimeSpan Negative = TimeSpan.FromTicks(-1);

    public static TheoryData<string> Names => [.. Rows.Keys];

    // What is done, the exception, and words of its sentence.
    private static readonly Dictionary<string, (Type Exception, string Words, Action Do)> Rows = new()
    {
        ["a child's environment is null"] = (typeof(ArgumentNullException), "Environment must not be null", static () => ChildServer.Start(Child with { Environment = null! })),
        ["a child's program is null"] = (typeof(ArgumentNullException), "program", static () => ChildServer.Start(Child with { Program = null! })),
        ["a child's arguments are not initialised"] = (typeof(ArgumentException), "An argument is text", static () => ChildServer.Start(Child with { Arguments = default })),
        ["a child's socket is null"] = (typeof(ArgumentException), "One of the sockets", static () => ChildServer.Start(Child with { Sockets = [null!] })),
        ["a child's socket has no socket"] = (typeof(ArgumentNullException), "socket", static () => _ = new ChildSocket(null!, "web")),
        ["a child's socket has no name"] = (typeof(ArgumentNullException), "name", static () => _ = new ChildSocket(Any, null!)),
        ["a child is ready in a negative time"] = (typeof(ArgumentException), "ReadyTimeout must be", static () => ChildServer.Start(Child with { ReadyTimeout = TimeSpan.FromSeconds(-5) })),
        ["a child is ready in ten thousand years"] = (typeof(ArgumentException), "ReadyTimeout must be", static () => ChildServer.Start(Child with { ReadyTimeout = TimeSpan.MaxValue })),
        ["a child stops in ten thousand years"] = (typeof(ArgumentException), "StopGracePeriod must", static () => ChildServer.Start(Child with { StopGracePeriod = TimeSpan.MaxValue })),
        ["a child is started again for an unknown reason"] = (typeof(ArgumentException), "RestartOn must be", static () => ChildServer.Start(Child with { Restart = new() { RestartOn = (ChildRestartReasons)8 } })),
        ["a child is started again in ten thousand years"] = (typeof(ArgumentException), "Restart.MaxDelay", static () => ChildServer.Start(Child with { Restart = new() { MaxDelay = TimeSpan.MaxValue } })),
        ["a child outlives its parent in an unknown way"] = (typeof(ArgumentException), "OnParentExit is not", static () => ChildServer.Start(Child with { OnParentExit = (ParentExitAction)9 })),
        ["a range ends before it begins"] = (typeof(ArgumentException), "10-5 is not a range of ports: give ports from 0 to 65535, the lower one first.", static () => _ = new PortRange(10, 5)),
        ["a range begins below 0"] = (typeof(ArgumentException), "is not a range of ports", static () => _ = new PortRange(-1, 5)),
        ["a range ends above 65535"] = (typeof(ArgumentException), "is not a range of ports", static () => _ = new PortRange(5, 65536)),
        ["a policy's range ends before it begins"] = (typeof(ArgumentOutOfRangeException), "last", static () => PortPolicy.Range(10, 5)),
        ["a question has no text"] = (typeof(ArgumentNullException), "text", static () => PortQuery.Parse(null!)),
        ["a question has no target"] = (typeof(ArgumentNullException), "Target of a query", static () => PortDiagnostics.Diagnose(Question with { Target = null! })),
        ["a question that is followed has no target"] = (typeof(ArgumentNullException), "Target of a query", static () => _ = PortDiagnostics.FollowAsync(Question with { Target = null! })),
        ["what is waited for is null"] = (typeof(ArgumentException), "One of the queries is null", static () => PortDiagnostics.Wait(new WaitRequest { Queries = [null!] })),
        ["what is waited for has no target"] = (typeof(ArgumentNullException), "Target of a query", static () => _ = PortDiagnostics.WaitAsync(new WaitRequest { Queries = [Question with { Target = null! }] })),
        ["what is waited for is an unknown condition"] = (typeof(ArgumentException), "The condition is not known", static () => PortDiagnostics.Wait(new WaitRequest { Queries = [Question], Until = (WaitCondition)9 })),
        ["a table's filter has an unknown state"] = (typeof(ArgumentException), "unknown protocol or state", static () => SocketTable.Read(new SocketFilter { States = [(TcpSocketState)40] })),
        ["a diagnosis is null"] = (typeof(ArgumentNullException), "diagnosis", static () => ((Diagnosis)null!).ToJson()),
        ["a list has no filter"] = (typeof(ArgumentNullException), "Filter must not be null", static () => PortDiagnostics.List(new PortListRequest { Filter = null! })),
        ["a list's filter is not initialised"] = (typeof(ArgumentException), "not initialised", static () => _ = PortDiagnostics.ListAsync(new PortListRequest { Filter = PortFilter.TcpAndUdp with { Ports = default } })),
        ["a list's filter has an unknown protocol"] = (typeof(ArgumentException), "unknown protocol", static () => PortDiagnostics.List(new PortListRequest { Filter = PortFilter.TcpAndUdp with { Protocols = [(Protocol)99] } })),
        ["a listener has no settings"] = (typeof(ArgumentNullException), "must not be null", static () => Listener.Bind(ListenRequest.OnLocalhost(8080) with { Settings = null! })),
        ["a listener has no addresses"] = (typeof(ArgumentException), "neither an address nor", static () => Listener.Bind(ListenRequest.OnLocalhost(8080) with { Addresses = default })),
        ["a listener waits for an unknown reason"] = (typeof(ArgumentException), "RetryOn is 1024", static () => Listener.Bind(ListenRequest.OnLocalhost(8080) with { Retry = BindRetryOptions.For(TimeSpan.Zero, (BindRetryReasons)1024) })),
        ["a listener waits a negative time"] = (typeof(ArgumentOutOfRangeException), "timeout", static () => BindRetryOptions.For(TimeSpan.FromSeconds(-5))),
        ["a plan's request has no port"] = (typeof(ArgumentNullException), "must not be null", static () => SocketActivation.Listen(SocketActivationOptions.Of(ListenRequest.OnLocalhost(8080) with { Port = null! }))),
        ["a plan has no listener"] = (typeof(ArgumentException), "give at least one", static () => SocketActivation.Listen(new SocketActivationOptions { Listeners = [] })),
        ["a plan's listener has no request"] = (typeof(ArgumentException), "The request of 'web' is null", static () => SocketActivation.Listen(new SocketActivationOptions { Listeners = [new NamedListenRequest { Request = null!, Name = "web" }] })),
        ["a plan's nameless listener has no request"] = (typeof(ArgumentException), "The request of listener 1 is null", static () => SocketActivation.Listen(new SocketActivationOptions { Listeners = [new NamedListenRequest { Request = null! }] })),
        ["a plan's mismatch is unknown"] = (typeof(ArgumentOutOfRangeException), "Refuse, Take or Ignore", static () => SocketActivation.Listen(SocketActivationOptions.Of(ListenRequest.OnLocalhost(8080)) with { ListenPidMismatch = (ListenPidMismatch)9 })),
        ["a connector's sources are not initialised"] = (typeof(ArgumentException), "not initialised", static () => _ = new OutgoingConnector(new OutgoingOptions { Sources = default(ImmutableArray<IPAddress>) })),
        ["a close waits a negative time"] = (typeof(ArgumentOutOfRangeException), "timeout", static () => CloseStrategy.PeerFirst(TimeSpan.FromSeconds(-5))),
        ["a hand-over waits a negative time"] = (typeof(ArgumentOutOfRangeException), "WaitTimeout must be", static () => _ = ListenerHandOver.StartAsync([ListenRequest.OnLocalhost(8080)], new HandOverOptions { Path = "@any", WaitTimeout = TimeSpan.FromSeconds(-5) }).AsTask()),
        ["a disposed connector connects"] = (typeof(ObjectDisposedException), "The connector is disposed", static () => _ = Disposed().ConnectAsync(new IPEndPoint(IPAddress.Loopback, 8080)).AsTask()),
        ["a disposed connector connects by a name"] = (typeof(ObjectDisposedException), "The connector is disposed", static () => _ = Disposed().ConnectAsync(new DnsEndPoint("localhost", 8080)).AsTask()),
        ["a disposed connector makes a stream"] = (typeof(ObjectDisposedException), "The connector is disposed", static () => Disposed().ConnectStreamAsync(new IPEndPoint(IPAddress.Loopback, 8080)).AsTask().GetAwaiter().GetResult()),
        ["a disposed connector counts ports"] = (typeof(ObjectDisposedException), "The connector is disposed", static () => Disposed().ReadPressure()),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Misuse_IsRefused_WithASentence(string what)
    {
        var (type, words, act) = Rows[what];
        var refusal = Assert.Throws(type, act);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    private static OutgoingConnector Disposed()
    {
        var connector = new OutgoingConnector();
        connector.Dispose();
        return connector;
    }
}
