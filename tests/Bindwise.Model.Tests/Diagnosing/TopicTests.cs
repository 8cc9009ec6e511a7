using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Tests.Rules;
using Bindwise.Tests.Tables;
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

    // why asks with a new socket, of the address's own family.
    private static readonly string[] NeverAsked = ["BW012", "BW038"];

    /// <summary>What bind() refuses without a socket in the way, by the tables of scenarios/rules.</summary>
    public static TheoryData<string> Refusals() => [.. RuleTables.Read()
        .Where(static row => row is { Decides: true, Scenario.Steps: [.., BindStep, ExpectStep { Result: not ("ok" or "EADDRINUSE"), By: null }] } && !NeverAsked.Contains(row.Rule))
        .Select(static row => $"{row.Rule} {((ExpectStep)row.Scenario.Steps[^1]).Result}").Distinct()];

    // A rule that no topic knows is told as a policy's refusal.
    [Theory]
    [MemberData(nameof(Refusals))]
    public void Refusal_OfARule_IsRecognisedByATopic(string refusal)
    {
        var (id, errno) = (refusal.Split(' ')[0], refusal.Split(' ')[1]);
        var rule = RuleBook.All.Single(one => one.Id.Value == id);
        var refused = new BindAssessment(Request("127.0.0.1"), Decision.Block(errno, rule), null);
        Assert.Contains(Topic.All, topic => topic.CauseOf(refused, With()) is not null);
    }

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
