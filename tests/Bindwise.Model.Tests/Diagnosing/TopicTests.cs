using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Tests.Rules;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Each cause is the matter of one topic, and a topic recognises what is its own.</summary>
public sealed class TopicTests
{
    [Fact]
    public void Topics_AllStandInTheTable() => Assert.Equal(
        typeof(Topic).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(Topic)) && !type.IsAbstract).Select(static type => type.Name).Order(StringComparer.Ordinal),
        Topic.All.Select(static topic => topic.GetType().Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Causes_EachBelongToOneTopicOfTheTable() => Assert.All(CauseBook.All, static cause =>
        Assert.Single(Topic.All, topic => ReferenceEquals(topic, CauseBook.TopicOf(cause))));

    [Fact]
    public void Topics_EachHaveACause() => Assert.All(Topic.All, static topic =>
        Assert.Contains(CauseBook.All, cause => ReferenceEquals(CauseBook.TopicOf(cause), topic)));

    public static TheoryData<Protocol, TcpSocketState, bool> Sockets()
    {
        var rows = new TheoryData<Protocol, TcpSocketState, bool>();
        foreach (var protocol in Enum.GetValues<Protocol>())
        {
            // The last one is a state that this version does not know.
            foreach (var state in Enum.GetValues<TcpSocketState>().Append((TcpSocketState)99))
            {
                rows.Add(protocol, state, false);
                rows.Add(protocol, state, true);
            }
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Sockets))]
    public void Socket_IsRecognisedByTheTopicOfItsCauseAlone(Protocol protocol, TcpSocketState state, bool isConnectedToItself)
    {
        var socket = SocketLine.Held("tcp 127.0.0.1 LISTEN") with { Protocol = protocol, State = state };
        socket = socket with { Remote = isConnectedToItself ? socket.Local : new IpEndpoint(IpAddress.LoopbackIPv4, 40000) };
        var topic = Assert.Single(Topic.All, topic => topic.CauseOf(socket, With()) is not null);
        var cause = CauseFinder.KindOf(socket, With());

        Assert.Equal(cause, topic.CauseOf(socket, With()));
        Assert.Same(topic, CauseBook.TopicOf(cause));
    }
}
